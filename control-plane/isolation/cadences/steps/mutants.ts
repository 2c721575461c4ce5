import { testMutants } from '../../test-mutants.js';
import type { Step } from '../step.js';

/** The suite itself, on scratch cells with one defence less. */
export const mutants: Step = async ({ runtime, write, say }) => {
  say('trying the suite on cells with one defence less');
  const results = await testMutants(runtime, {});
  const missed = results.filter(({ caught }) => !caught).length;
  return {
    outcome: missed === 0 ? 'clean' : 'found',
    summary: `${results.length} mutants, ${missed} missed`,
    files: [await write('mutants.json', `${JSON.stringify(results, null, 2)}\n`)],
  };
};
