import { accessSync, constants } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { GeneratedIsolation } from '../../../control-plane/isolation/test-generated.js';
import type { CellIsolation } from '../../../control-plane/isolation/test-isolation.js';
import type { isolationTestView } from '../../../control-plane/isolation/views.js';
import { EXIT_STATUS, RingfenceError } from '../../../core/errors.js';
import { SCENARIO_NAMES } from '../../../isolation/suite/case.js';
import { defineCommand } from '../../command/define-command.js';
import { parseCount } from '../../command/option-values.js';
import { sayPassedOver } from '../../print/passed-over.js';
import { table } from '../../print/table.js';
import { withRuntime } from '../../runtime/with-runtime.js';
import type { Context } from '../../terminal/context.js';
import { isolationMutants } from './mutants.js';

/** Exit status 5 when something leaked. */
export const isolationTest = defineCommand({
  name: 'test',
  description: 'attack the running cells with throw-away tenants; exit status 5 when something leaks',
  options: {
    scenario: {
      value: '<name...>',
      description: 'only these scenarios',
      choices: SCENARIO_NAMES,
      many: true,
      whenNone: 'all',
    },
    cell: { value: '<cell>', description: 'one cell; every running cell when left out' },
    report: { value: '<file>', description: 'write a report for people, as one HTML file' },
    generated: {
      value: '<count>',
      description: 'this many generated sequences instead of the scenarios',
      parse: parseCount,
    },
    mutants: {
      description: 'try the suite itself: scratch cells with one defence less, all of which it must catch',
    },
    seed: {
      value: '<number>',
      description: 'chooses what is sampled; the same seed repeats it',
      parse: parseCount,
      default: 1,
    },
  },
  examples: ['ringfence isolation test --report isolation.html', 'ringfence isolation test --mutants'],
  onWorker: { kind: 'isolation test' },
  view: async () => (await import('../../../control-plane/isolation/views.js')).isolationTestView,
  run: async (context, options) => {
    if (options.mutants) return isolationMutants.run(context, {}, []);
    const { generated } = options;
    if (generated !== undefined) return attackGenerated(context, { ...options, generated });
    const file = options.report === undefined ? undefined : resolve(context.terminal.cwd, options.report);
    if (file !== undefined) writing(file, () => accessSync(dirname(file), constants.W_OK));
    const { testIsolation } = await import('../../../control-plane/isolation/test-isolation.js');
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
      const { writeReport } = await import('../../../control-plane/isolation/write-report.js');
      writing(file, () => writeReport(file, results));
      context.say(`report: ${file}`);
    }
    context.result(
      results.map(({ report, ...cell }) => ({ ...cell, ...report })),
      () => results.map(describe).join('\n'),
    );
    if (results.some(({ report }) => report.cases.some(({ verdict }) => verdict === 'leaked')))
      context.exitWith(EXIT_STATUS.isolation_violated);
  },
});

/** Exit status 5 when a sequence got through. */
const attackGenerated = async (
  context: Context<typeof isolationTestView>,
  { generated, seed, cell }: { generated: number; seed: number; cell?: string },
): Promise<void> => {
  const { testGenerated } = await import('../../../control-plane/isolation/test-generated.js');
  const results = await withRuntime(context, async (runtime) => {
    if (cell === undefined) await sayPassedOver(context, runtime);
    return testGenerated(runtime, {
      sequences: generated,
      seed,
      ...(cell ? { cell } : {}),
      onProgress: (name, sequences) => {
        if (sequences % 1_000 === 0) context.say(`  ${name}: ${sequences} of ${generated}`);
      },
    });
  });
  context.result(results, () => results.map(describeGenerated).join(''));
  if (results.some(({ report }) => report.failure)) context.exitWith(EXIT_STATUS.isolation_violated);
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

/** Called before the attempts, which take minutes, and again after them. */
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

/** The results of generated sequences in a cell, with the steps of one that got through. */
const describeGenerated = ({ cell, report }: GeneratedIsolation): string => {
  const { sequences, steps, statements, proved, tables, durationMs, seed, failure } = report;
  const line = `${cell}: ${sequences} sequences, ${steps} steps, ${statements} statements on ${tables} tables, ${proved} saw their own rows, in ${(durationMs / 1000).toFixed(1)} s (seed ${seed})\n`;
  if (!failure) return `${line}nothing of another clinic was reached\n`;
  return `${line}${failure.kind}: ${failure.what}\n${failure.steps.map((step) => `  ${step}\n`).join('')}`;
};
