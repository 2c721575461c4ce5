import { RingfenceError } from '../../core/errors.js';
import { MUTANTS } from '../../isolation/mutants/run-mutants.js';

/** @throws RingfenceError `usage` for unknown ids; the message names the mutants. */
export const checkMutants = (ids: readonly string[]): void => {
  const unknown = ids.filter((id) => !MUTANTS.some((mutant) => mutant.id === id));
  if (unknown.length === 0) return;
  throw new RingfenceError('usage', `there is no mutant ${unknown.join(', ')}`, {
    fix: `choose from: ${MUTANTS.map(({ id }) => id).join(', ')}`,
  });
};
