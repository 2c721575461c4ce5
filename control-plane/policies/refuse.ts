import { RingfenceError } from '../../core/errors.js';
import type { Judgement } from '../../policies/judge.js';

/**
 * Refuses a deployment that would break a mandatory rule. What cannot be told stops nothing, nor
 * what somebody answers for.
 * @throws RingfenceError `policy_violated`, a line for each violation: rule, resource, what is wrong.
 */
export const refuseViolations = (judgements: readonly Judgement[]): void => {
  const violations = judgements.flatMap((judgement) =>
    judgement.verdict === 'violated' && judgement.level === 'mandatory' && !judgement.exception
      ? [judgement]
      : [],
  );
  if (violations.length === 0) return;
  throw new RingfenceError(
    'policy_violated',
    violations.map(({ rule, subject, message }) => `policy ${rule}: ${subject} ${message}`).join('\n'),
    { fix: [...new Set(violations.map(({ fix }) => fix))].join('; ') },
  );
};
