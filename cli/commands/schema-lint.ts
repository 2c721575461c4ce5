import { isUp } from '../../control-plane/operations/cells-up.js';
import { getCell, listCells } from '../../control-plane/registry/cells.js';
import { withConnection } from '../../data-plane/database/connect.js';
import { type Finding, lintSchema } from '../../data-plane/database/lint/lint-schema.js';
import { EXIT_STATUS, RingfenceError } from '../../tenants/errors.js';
import type { Context } from '../context.js';
import { withRuntime } from '../with-runtime.js';

/** `ringfence schema lint [--cell]`: exit status 5 when something breaks isolation. */
export const schemaLint = async (context: Context, options: { cell?: string }): Promise<void> => {
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
      const connection = await runtime.target.adminConnection(cell.name);
      found.push({ cell: cell.name, findings: await withConnection(connection, lintSchema) });
    }
    return found;
  });
  context.result(reports, () => reports.map(({ cell, findings }) => describe(cell, findings)).join(''));
  if (reports.some(({ findings }) => findings.length > 0)) context.exitWith(EXIT_STATUS.schema_unsafe);
};

const describe = (cell: string, findings: readonly Finding[]): string => {
  if (findings.length === 0) return `${cell}: clean\n`;
  const lines = findings.map(
    ({ rule, isolation, object, problem, fix }) =>
      `  ${object}: ${problem} [${rule}, isolation ${isolation.join(' ')}]\n    fix: ${fix}\n`,
  );
  return `${cell}: ${findings.length} found\n${lines.join('')}`;
};
