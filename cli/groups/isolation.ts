import { Argument, Option } from 'commander';
import { CADENCES } from '../../control-plane/isolation/cadences/cadence.js';
import { SCENARIO_NAMES } from '../../isolation/suite/case.js';
import { parseCount } from '../command/option-values.js';
import type { Register } from '../register.js';

/** `ringfence isolation ...`. */
export const registerIsolation: Register = (program, on) => {
  const isolation = program.command('isolation').description('proof that tenants cannot reach each other');
  on(
    isolation
      .command('test')
      .description('attack the running cells with throw-away tenants; exit status 5 when something leaks')
      .addOption(
        new Option('--scenario <name...>', 'only these scenarios').choices(SCENARIO_NAMES).default([], 'all'),
      )
      .option('--cell <cell>', 'one cell; every running cell when left out')
      .option('--report <file>', 'write a report for people, as one HTML file')
      .option('--generated <count>', 'this many generated sequences instead of the scenarios', parseCount)
      .option(
        '--mutants',
        'try the suite itself: scratch cells with one defence less, all of which it must catch',
      )
      .option('--seed <number>', 'chooses what is sampled; the same seed repeats it', parseCount, 1),
    async () => (await import('../commands/isolation-test.js')).isolationTest,
  );
  on(
    isolation
      .command('mutants [mutant...]')
      .description('take one defence at a time from a scratch cell: the attack suite must notice each')
      .addHelpText(
        'after',
        '\nThe same as `isolation test --mutants`. Runs on a server of its own, which it removes again.',
      ),
    async () => (await import('../commands/isolation-mutants.js')).isolationMutants,
  );

  on(
    isolation
      .command('cadence')
      .addArgument(new Argument('<cadence>', 'which tests').choices(CADENCES))
      .description(
        'run the tests of a pull request, a day, a week, a month, a quarter or a year; write their results',
      )
      .option('--out <folder>', 'instead of .ringfence/isolation'),
    async () => (await import('../commands/isolation-cadence.js')).isolationCadence,
  );
  on(
    isolation
      .command('runs')
      .description('the last run of each cadence; exit status 5 when one is overdue or found something'),
    async () => (await import('../commands/isolation-runs.js')).isolationRuns,
  );
};
