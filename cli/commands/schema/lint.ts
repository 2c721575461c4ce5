import type { LintedCell } from '../../../control-plane/cells/lint-cells.js';
import { EXIT_STATUS } from '../../../core/errors.js';
import { defineCommand } from '../../command/define-command.js';
import { describeFinding } from '../../print/finding.js';
import { sayPassedOver } from '../../print/passed-over.js';
import { withRuntime } from '../../runtime/with-runtime.js';

/** Exit status 5 when something breaks isolation, 4 when a cell is lost. */
export const schemaLint = defineCommand({
  name: 'lint',
  description: 'name every table, view, function, key and grant that breaks isolation',
  options: {
    cell: { value: '<cell>', description: 'one cell; every running cell when left out' },
  },
  examples: ['ringfence schema lint'],
  onWorker: { kind: 'schema lint' },
  view: async () => (await import('../../../control-plane/cells/views.js')).lintedCellsView,
  run: async (context, options) => {
    const { lintCells } = await import('../../../control-plane/cells/lint-cells.js');
    const reports = await withRuntime(context, async (runtime) => {
      const linted = await lintCells(runtime, options.cell);
      if (!options.cell) await sayPassedOver(context, runtime);
      return linted;
    });
    context.result(reports, () => reports.map(describe).join(''));
    if (reports.some(({ findings }) => findings !== null && findings.length > 0))
      context.exitWith(EXIT_STATUS.schema_unsafe);
  },
});

const describe = (report: LintedCell): string => {
  const { cell, findings } = report;
  if (findings === null) return `${cell}: not looked at: ${report.state}\n`;
  if (findings.length === 0) return `${cell}: clean\n`;
  return `${cell}: ${findings.length} found\n${findings.map(describeFinding).join('')}`;
};
