import { RingfenceError } from '../core/errors.js';
import { QUOTA_NAMES, type Quotas } from './quotas.js';

/** Reads `rows=750000` and its like. @throws RingfenceError `usage` for another name, or no number. */
export const readQuotaAssignments = (assignments: readonly string[]): Partial<Quotas> => {
  const changes: Partial<Quotas> = {};
  for (const assignment of assignments) {
    const [name = '', value = ''] = assignment.split('=');
    const limit = value.trim() === '' ? Number.NaN : Number(value);
    const known = QUOTA_NAMES.find((one) => one === name);
    if (known === undefined || Number.isNaN(limit)) {
      throw new RingfenceError('usage', `${JSON.stringify(assignment)} sets no quota`, {
        fix: `write <quota>=<number>, where the quota is ${QUOTA_NAMES.join(', ')}`,
      });
    }
    changes[known] = limit;
  }
  return changes;
};
