import { RingfenceError } from '../../core/errors.js';
import { lastClosedMonth } from '../../data-plane/analytics/month.js';
import { type Publication, publishCubes } from '../../data-plane/analytics/publish.js';
import { isUp } from '../cells/cells-up.js';
import { getCell, listCells } from '../cells/store.js';
import type { Runtime } from '../runtime.js';

/** Publishes a month of the cubes, the last one that is over when none is named, in one cell or in every running one. */
export const publishMonth = async (
  runtime: Runtime,
  request: { readonly month?: string; readonly cell?: string },
): Promise<(Publication & { cell: string })[]> => {
  const now = runtime.now();
  const month = request.month ?? lastClosedMonth(now);
  const cells = request.cell
    ? [await getCell(runtime.control, request.cell)]
    : await listCells(runtime.control);
  if (cells.length === 0) {
    throw new RingfenceError('cell_not_found', 'there is no cell to publish for', {
      fix: 'bring one up with `ringfence cells up`',
    });
  }
  const published: (Publication & { cell: string })[] = [];
  for (const cell of cells) {
    if (!request.cell && !(await isUp(runtime, cell))) continue;
    const admin = await runtime.target.adminConnection(cell.name);
    const publications = await publishCubes(admin, { month, now });
    published.push(...publications.map((publication) => ({ cell: cell.name, ...publication })));
  }
  return published;
};
