import { RingfenceError } from '../../core/errors.js';
import type { Finding } from '../../data-plane/database/lint/lint-schema.js';
import type { Runtime } from '../runtime.js';
import { isUp } from './cells-up.js';
import { lintCell } from './lint-cell.js';
import { type CellPassedOver, cellsPassedOver } from './passed-over.js';
import { getCell, listCells } from './store.js';

/** Of a cell that was looked at, or of one that was not, with its state. */
export type LintedCell =
  | { readonly cell: string; readonly findings: readonly Finding[] }
  | { readonly cell: string; readonly findings: null; readonly state: CellPassedOver['state'] };

/**
 * The holes in one cell, or in all that run: one that is down is passed over only when nobody asked for it, and named.
 * @throws RingfenceError `cell_not_found` for another name, and where there are no cells.
 */
export const lintCells = async (runtime: Runtime, name?: string): Promise<LintedCell[]> => {
  const cells = name ? [await getCell(runtime.control, name)] : await listCells(runtime.control);
  if (cells.length === 0) {
    throw new RingfenceError('cell_not_found', 'there is no cell to look at', {
      fix: 'bring one up with `ringfence cells up`',
    });
  }
  const linted: LintedCell[] = [];
  for (const cell of cells) {
    if (!name && !(await isUp(runtime, cell))) continue;
    linted.push({ cell: cell.name, findings: await lintCell(runtime, cell.name) });
  }
  if (name) return linted;
  const passedOver = await cellsPassedOver(runtime);
  return [...linted, ...passedOver.map(({ cell, state }) => ({ cell, findings: null, state }))];
};
