import { RingfenceError } from '../core/errors.js';
import { PLAN_QUOTAS, type Quotas } from './plans.js';

/** Reads `rows=750000` and its like. @throws RingfenceError `usage` for another name, or no number. */
export const readQuotaAssignments = (assignments: readonly string[]): Partial<Quotas> => {
  const changes: Partial<Quotas> = {};
  for (const assignment of assignments) {
    const [name = '', value = ''] = assignment.split('=');
    const limit = value.trim() === '' ? Number.NaN : Number(value);
    if (!(name in PLAN_QUOTAS.starter) || Number.isNaN(limit)) {
      throw new RingfenceError('usage', `${JSON.stringify(assignment)} sets no quota`, {
        fix: `write <quota>=<number>, where the quota is ${Object.keys(PLAN_QUOTAS.starter).join(', ')}`,
      });
    }
    changes[name as keyof Quotas] = limit;
  }
  return changes;
};
