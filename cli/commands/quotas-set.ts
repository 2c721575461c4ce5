import { RingfenceError } from '../../core/errors.js';
import { editQuotas } from '../../manifest/edit-quotas.js';
import { PLAN_QUOTAS, type Quotas } from '../../manifest/plans.js';
import { manifestOf } from '../manifests/find.js';
import { confirm } from '../terminal/consent.js';
import type { Context } from '../terminal/context.js';
import { tenantsApply } from './tenants-apply.js';

/** `ringfence quotas set <tenant> <quota=limit...>`: into the manifest, then deployed. */
export const quotasSet = async (
  context: Context,
  _options: unknown,
  slug: string,
  assignments: readonly string[],
): Promise<void> => {
  const changes = parseAssignments(assignments);
  const { path } = await manifestOf(context, slug);
  await confirm(context, `Write ${assignments.join(', ')} into the manifest of ${slug} and deploy it?`);
  await editQuotas(path, changes);
  await tenantsApply({ ...context, yes: true }, { concurrency: 1 }, slug);
};

const parseAssignments = (assignments: readonly string[]): Partial<Quotas> => {
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
