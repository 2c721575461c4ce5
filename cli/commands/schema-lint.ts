import { isUp } from '../../control-plane/cells/cells-up.js';
import { lintCell } from '../../control-plane/cells/lint-cell.js';
import { getCell, listCells } from '../../control-plane/cells/store.js';
import { EXIT_STATUS, RingfenceError } from '../../core/errors.js';
import type { Finding } from '../../data-plane/database/lint/lint-schema.js';
import type { Context } from '../context.js';
import { describeFinding } from '../print-finding.js';
import { sayPassedOver } from '../say-passed-over.js';
import { withRuntime } from '../with-runtime.js';

/** Of a cell that was looked at, or of one that was not, with its state. */
type Report =
  | { readonly cell: string; readonly findings: readonly Finding[] }
  | { readonly cell: string; readonly findings: null; readonly state: string };

/** `ringfence schema lint [--cell]`: exit status 5 when something breaks isolation, 4 when a cell is lost. */
export const schemaLint = async (context: Context, options: { cell?: string }): Promise<void> => {
  const reports = await withRuntime(context, async (runtime): Promise<Report[]> => {
    if (options.cell) {
      const { name } = await getCell(runtime.control, options.cell);
      return [{ cell: name, findings: await lintCell(runtime, name) }];
    }
    const cells = await listCells(runtime.control);
    if (cells.length === 0) {
      throw new RingfenceError('cell_not_found', 'there is no cell to look at', {
        fix: 'bring one up with `ringfence cells up`',
      });
    }
    const found: Report[] = [];
    for (const cell of cells)
      if (await isUp(runtime, cell))
        found.push({ cell: cell.name, findings: await lintCell(runtime, cell.name) });
    const passedOver = await sayPassedOver(context, runtime);
    return [...found, ...passedOver.map(({ cell, state }) => ({ cell, findings: null, state }))];
  });
  context.result(reports, () => reports.map(describe).join(''));
  if (reports.some(({ findings }) => findings !== null && findings.length > 0))
    context.exitWith(EXIT_STATUS.schema_unsafe);
};

const describe = (report: Report): string => {
  const { cell, findings } = report;
  if (findings === null) return `${cell}: not looked at: ${report.state}\n`;
  if (findings.length === 0) return `${cell}: clean\n`;
  return `${cell}: ${findings.length} found\n${findings.map(describeFinding).join('')}`;
};
