import { EXIT_STATUS } from '../../../core/errors.js';
import type { MutantResult } from '../../../isolation/mutants/run-mutants.js';
import { defineCommand } from '../../command/define-command.js';
import { table } from '../../print/table.js';
import { withRuntime } from '../../runtime/with-runtime.js';

/** Exit status 5 when the suite does not notice that a defence is gone. */
export const isolationMutants = defineCommand({
  name: 'mutants',
  description: 'take one defence at a time from a scratch cell: the attack suite must notice each',
  arguments: ['[mutant...]'],
  note: 'The same as `isolation test --mutants`. Runs on a server of its own, which it removes again.',
  view: async () => (await import('../../../control-plane/isolation/views.js')).mutantsView,
  run: async (context, _options, ids) => {
    const { testMutants } = await import('../../../control-plane/isolation/test-mutants.js');
    const { checkMutants } = await import('../../../control-plane/isolation/check-mutants.js');
    checkMutants(ids);
    const results = await withRuntime(context, (runtime) =>
      testMutants(runtime, {
        ...(ids.length > 0 ? { only: ids } : {}),
        onResult: ({ id, caught }) => context.say(`  ${caught ? 'caught' : 'MISSED'} ${id}`),
      }),
    );
    const caught = results.filter((result) => result.caught);
    context.result({ mutants: results.length, caught: caught.length, results }, () => printed(results));
    if (caught.length < results.length) context.exitWith(EXIT_STATUS.isolation_violated);
  },
});

const printed = (results: readonly MutantResult[]): string => {
  const rows = results.map(({ id, removes, attacks, lintRules, caught }) => [
    id,
    removes,
    caught ? 'caught' : 'MISSED',
    String(attacks.length),
    lintRules.join(', '),
  ]);
  const caught = results.filter((result) => result.caught).length;
  return `${table(['mutant', 'the defence that is missing', '', 'attacks through', 'lint'], rows)}${caught} of ${results.length} caught\n`;
};
