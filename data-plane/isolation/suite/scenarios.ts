import type { Scenario } from './case.js';

/** The named attack suite. A scenario is a list of cases: more are added to its list. */
export const SCENARIOS: readonly Scenario[] = [];
