import { RingfenceError } from '../../core/errors.js';
import type { Finding } from '../../data-plane/database/lint/lint-schema.js';
import type { Runtime } from '../runtime.js';
import { isUp } from './cells-up.js';
import { lintCell } from './lint-cell.js';
import { getCell, listCells } from './store.js';

export interface LintedCell {
  readonly cell: string;
  readonly findings: readonly Finding[];
}

/**
 * The holes in one cell, or in all that run: one that is down is passed over only when nobody asked for it.
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
  return linted;
};
