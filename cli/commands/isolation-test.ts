import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type CellIsolation, testIsolation } from '../../control-plane/operations/test-isolation.js';
import { reportPage } from '../../data-plane/isolation/report/report-page.js';
import type { ScenarioName } from '../../data-plane/isolation/suite/run-suite.js';
import { EXIT_STATUS, RingfenceError } from '../../tenants/errors.js';
import type { Context } from '../context.js';
import { table } from '../print.js';
import { withRuntime } from '../with-runtime.js';
import { isolationGenerated } from './isolation-generated.js';
import { isolationMutants } from './isolation-mutants.js';

interface Options {
  readonly scenario: readonly ScenarioName[];
  readonly cell?: string;
  readonly report?: string;
  readonly seed: number;
  readonly mutants?: boolean;
  readonly generated?: number;
}

/** `ringfence isolation test [--scenario] [--cell] [--report] [--seed]`: exit status 5 when something leaked. */
export const isolationTest = async (context: Context, options: Options): Promise<void> => {
  if (options.mutants) return isolationMutants(context, options, []);
  const { generated } = options;
  if (generated !== undefined) return isolationGenerated(context, { ...options, generated });
  const results = await withRuntime(context, (runtime) =>
    testIsolation(runtime, {
      ...(options.cell === undefined ? {} : { cell: options.cell }),
      ...(options.scenario.length > 0 ? { scenarios: options.scenario } : {}),
      seed: options.seed,
      onCell: (cell) => context.say(`attacking cell ${cell}`),
      onSkipped: (cell) =>
        context.say(`cell ${cell} is not attacked: it has no superuser (docs/isolation-testing.md)`),
      onCase: ({ id, verdict, cameBack }) => {
        if (verdict !== 'held') context.say(`  ${verdict} ${id}: ${cameBack}`);
      },
    }),
  );
  if (options.report !== undefined) await writeReport(context, options.report, results);
  context.result(
    results.map(({ report, ...cell }) => ({ ...cell, ...report })),
    () => results.map(describe).join('\n'),
  );
  if (results.some(({ report }) => report.cases.some(({ verdict }) => verdict === 'leaked')))
    context.exitWith(EXIT_STATUS.isolation_violated);
};

const describe = ({ cell, report }: CellIsolation): string => {
  const { scenarios, cases } = report;
  const count = (verdict: string): string => String(cases.filter((each) => each.verdict === verdict).length);
  const rows = scenarios.map(({ title, held, leaked, unproven }) => [
    title,
    `${held}`,
    `${leaked}`,
    `${unproven}`,
  ]);
  return `${cell}: ${cases.length} attempts on ${report.tables} tables in ${(report.durationMs / 1000).toFixed(1)} s, Postgres ${report.postgres}
${table(['scenario', 'held', 'leaked', 'unproven'], [...rows, ['all', count('held'), count('leaked'), count('unproven')]])}not covered: ${report.notCovered.length}, named in --report and --json
`;
};

const writeReport = async (
  context: Context,
  path: string,
  results: readonly CellIsolation[],
): Promise<void> => {
  const file = resolve(context.terminal.cwd, path);
  try {
    await writeFile(file, reportPage(results));
  } catch (cause) {
    throw new RingfenceError('permission_denied', `the report cannot be written to ${file}`, {
      fix: 'give another file with --report',
      cause,
    });
  }
  context.say(`report: ${file}`);
};
