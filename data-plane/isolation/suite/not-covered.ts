import type { NotCovered } from './case.js';

/** What no case tries, said as plainly as what they try. */
export const NOT_COVERED: readonly NotCovered[] = [];
