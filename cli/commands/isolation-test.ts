import { accessSync, constants } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type CellIsolation, testIsolation } from '../../control-plane/isolation/test-isolation.js';
import { EXIT_STATUS, RingfenceError } from '../../core/errors.js';
import { replaceFile } from '../../core/files/replace-file.js';
import { reportPage } from '../../isolation/report/report-page.js';
import type { ScenarioName } from '../../isolation/suite/run-suite.js';
import type { Context } from '../context.js';
import { table } from '../print.js';
import { sayPassedOver } from '../say-passed-over.js';
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
  const file = options.report === undefined ? undefined : resolve(context.terminal.cwd, options.report);
  if (file !== undefined) writing(file, () => accessSync(dirname(file), constants.W_OK));
  const results = await withRuntime(context, async (runtime) => {
    if (options.cell === undefined) await sayPassedOver(context, runtime);
    return testIsolation(runtime, {
      ...(options.cell === undefined ? {} : { cell: options.cell }),
      ...(options.scenario.length > 0 ? { scenarios: options.scenario } : {}),
      seed: options.seed,
      onCell: (cell) => context.say(`attacking cell ${cell}`),
      onSkipped: (cell) =>
        context.say(`cell ${cell} is not attacked: it has no superuser (docs/isolation-testing.md)`),
      onCase: ({ id, verdict, cameBack }) => {
        if (verdict !== 'held') context.say(`  ${verdict} ${id}: ${cameBack}`);
      },
    });
  });
  if (file !== undefined) {
    writing(file, () => replaceFile(file, reportPage(results)));
    context.say(`report: ${file}`);
  }
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

/** Before the attempts, which take minutes, and after them. */
const writing = (file: string, work: () => void): void => {
  try {
    work();
  } catch (cause) {
    throw new RingfenceError('permission_denied', `the report cannot be written to ${file}`, {
      fix: 'give another file with --report',
      cause,
    });
  }
};
