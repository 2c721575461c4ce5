import type { Judgement } from '../../policies/judge.js';

/** Of all judgements together. `excused`: what is not kept, somebody answers for. */
export const OUTCOMES = ['kept', 'excused', 'unproven', 'violated'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** The worst of them: an advisory rule that is broken counts as one that is not proven. */
export const outcomeOf = (judgements: readonly Judgement[]): Outcome => {
  const open = judgements.filter(({ verdict, exception }) => verdict !== 'passed' && !exception);
  if (open.some(({ verdict, level }) => verdict === 'violated' && level === 'mandatory')) return 'violated';
  if (open.length > 0) return 'unproven';
  return judgements.some(({ exception }) => exception !== null) ? 'excused' : 'kept';
};
