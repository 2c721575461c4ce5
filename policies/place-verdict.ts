import { isRegionName, type Residency, residencyProblem } from '../core/regions.js';
import { cannotTell, PASSED, type Verdict, violated, worst } from './verdict.js';

/** Whether what is in a region, or a jurisdiction such as `eu`, is where every residency asks for it. */
export const placeVerdict = (place: string, residencies: readonly Residency[]): Verdict | undefined =>
  worst(residencies.map((residency) => oneVerdict(place, residency)));

const oneVerdict = (place: string, residency: Residency): Verdict => {
  if (residency === 'any' || place === residency) return PASSED;
  if (!isRegionName(place)) return cannotTell(`whether ${place} is a place within residency ${residency}`);
  const problem = residencyProblem(place, residency);
  return problem === undefined
    ? PASSED
    : violated(`is outside residency ${residency}: ${problem}`, 'deploy it in an allowed region');
};
