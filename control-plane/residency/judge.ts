import { isRegionName, type RegionName, type Residency, residencyProblem } from '../../core/regions.js';
import type { Whereabouts } from '../../core/whereabouts.js';

/** `none` is a thing that there is not, by the word of whoever would hold it. */
export const VERDICTS = ['inside', 'outside', 'cannot-tell', 'none'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Of all rows together. Only `proven` is proof. */
export const OUTCOMES = ['proven', 'unproven', 'violated'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Where a thing has to be: within a residency, or in one region. */
export type Asked = Residency | RegionName;

/**
 * Judges one thing. A region that its holder names is inside or outside. A label of ours, or a name that we wrote down,
 * accuses, and acquits of nothing: it makes a thing without a known place `outside` and never `inside`.
 */
export const judge = (asked: Asked, declared: string | null, found: Whereabouts): Verdict => {
  if (found.answer === 'none') return 'none';
  if (found.answer === 'region') return verdictOn(found.region, asked);
  return declared !== null && verdictOn(declared, asked) === 'outside' ? 'outside' : 'cannot-tell';
};

export const outcomeOf = (verdicts: readonly Verdict[]): Outcome => {
  if (verdicts.includes('outside')) return 'violated';
  return verdicts.includes('cannot-tell') ? 'unproven' : 'proven';
};

/** A region that this version does not know may be anywhere. */
const verdictOn = (region: string, asked: Asked): Verdict => {
  if (region === asked || asked === 'any') return 'inside';
  if (isRegionName(asked)) return 'outside';
  if (!isRegionName(region)) return 'cannot-tell';
  return residencyProblem(region, asked) === undefined ? 'inside' : 'outside';
};
