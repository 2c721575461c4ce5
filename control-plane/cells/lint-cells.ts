import { RingfenceError } from '../../core/errors.js';
import { withConnection } from '../../data-plane/database/connect.js';
import { type Finding, lintSchema } from '../../data-plane/database/lint/lint-schema.js';
import type { Runtime } from '../runtime.js';
import { isUp } from './cells-up.js';
import { type CellPassedOver, cellsPassedOver } from './passed-over.js';
import { getCell, listCells } from './store.js';

/** Lints the catalogue of a running cell. Returns its holes. */
export const lintCell = async (runtime: Runtime, cell: string): Promise<Finding[]> =>
  withConnection(await runtime.target.adminConnection(cell), lintSchema);

/** The findings of a cell that was linted, or the state of one that was not. */
export type LintedCell =
  | { readonly cell: string; readonly findings: readonly Finding[] }
  | { readonly cell: string; readonly findings: null; readonly state: CellPassedOver['state'] };

/**
 * Lints one cell, or all running cells. Passes over and names a stopped cell, unless the caller asked for it.
 * @throws RingfenceError `cell_not_found` for an unknown name, and where there are no cells.
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
