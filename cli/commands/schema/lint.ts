import type { LintedCell } from '../../../control-plane/cells/lint-cells.js';
import { EXIT_STATUS } from '../../../core/errors.js';
import { defineCommand } from '../../command/define-command.js';
import { describeFinding } from '../../print/finding.js';
import { withRuntime } from '../../runtime/with-runtime.js';

/** Exit status 5 when something breaks isolation. */
export const schemaLint = defineCommand({
  name: 'lint',
  description: 'name every table, view, function, key and grant that breaks isolation',
  options: {
    cell: { value: '<cell>', description: 'one cell; every running cell when left out' },
  },
  examples: ['ringfence schema lint'],
  run: async (context, options) => {
    const { lintCells } = await import('../../../control-plane/cells/lint-cells.js');
    const reports = await withRuntime(context, (runtime) => lintCells(runtime, options.cell));
    context.result(reports, () => reports.map(describe).join(''));
    if (reports.some(({ findings }) => findings.length > 0)) context.exitWith(EXIT_STATUS.schema_unsafe);
  },
});

const describe = ({ cell, findings }: LintedCell): string => {
  if (findings.length === 0) return `${cell}: clean\n`;
  return `${cell}: ${findings.length} found\n${findings.map(describeFinding).join('')}`;
};
