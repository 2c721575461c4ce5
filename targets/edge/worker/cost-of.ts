import { log } from './log.js';

/** More than any cap. So sums stay whole numbers, and what is too large to count still ends the day. */
const MOST_MICRO_EUR = 1e12;

/**
 * What an answer says that it cost, in whole millionths of a euro, rounded up; several values add up. One that is no number counts
 * nothing, and is logged.
 */
export const costOf = (said: string | null, tenant: string): number => {
  if (said === null) return 0;
  const costs = said.split(',').map(Number);
  if (costs.some(Number.isNaN)) log('cost_unreadable', tenant, said);
  const sum = costs.reduce((total, cost) => total + (cost > 0 ? Math.ceil(cost) : 0), 0);
  return Math.min(sum, MOST_MICRO_EUR);
};
