import { EXIT_STATUS, RingfenceError } from '../../../core/errors.js';
import type { Finding } from '../../../data-plane/database/lint/lint-schema.js';
import { defineCommand } from '../../command/define-command.js';
import { describeFinding } from '../../print/finding.js';
import { withRuntime } from '../../runtime/with-runtime.js';

/** `ringfence schema lint [--cell]`: exit status 5 when something breaks isolation. */
export const schemaLint = defineCommand({
  name: 'lint',
  description: 'name every table, view, function, key and grant that breaks isolation',
  options: {
    cell: { value: '<cell>', description: 'one cell; every running cell when left out' },
  },
  examples: ['ringfence schema lint'],
  run: async (context, options) => {
    const { isUp } = await import('../../../control-plane/cells/cells-up.js');
    const { lintCell } = await import('../../../control-plane/cells/lint-cell.js');
    const { getCell, listCells } = await import('../../../control-plane/cells/store.js');
    const reports = await withRuntime(context, async (runtime) => {
      const cells = options.cell
        ? [await getCell(runtime.control, options.cell)]
        : await listCells(runtime.control);
      if (cells.length === 0) {
        throw new RingfenceError('cell_not_found', 'there is no cell to look at', {
          fix: 'bring one up with `ringfence cells up`',
        });
      }
      const found: { cell: string; findings: Finding[] }[] = [];
      for (const cell of cells) {
        // A cell that is down is skipped only when nobody asked for it.
        if (!options.cell && !(await isUp(runtime, cell))) continue;
        found.push({ cell: cell.name, findings: await lintCell(runtime, cell.name) });
      }
      return found;
    });
    context.result(reports, () => reports.map(({ cell, findings }) => describe(cell, findings)).join(''));
    if (reports.some(({ findings }) => findings.length > 0)) context.exitWith(EXIT_STATUS.schema_unsafe);
  },
});

const describe = (cell: string, findings: readonly Finding[]): string => {
  if (findings.length === 0) return `${cell}: clean\n`;
  return `${cell}: ${findings.length} found\n${findings.map(describeFinding).join('')}`;
};
