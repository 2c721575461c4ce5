import type { Usage } from '../../data-plane/quotas/usage.js';
import type { Runtime } from '../runtime.js';
import { listTenants } from '../tenants/store.js';
import { type QuotaStatus, quotaStatus } from './tenant-quotas.js';

/** A tenant's quotas, and the most used of them. */
export interface NearestQuota extends QuotaStatus {
  readonly nearest: keyof Usage;
  /** Of the limit: 1 is all of it. */
  readonly share: number;
}

/** Every active tenant, the one nearest to a limit first. */
export const quotaUsage = async (runtime: Runtime): Promise<NearestQuota[]> => {
  const active = (await listTenants(runtime.control)).filter(({ state }) => state === 'active');
  const statuses: QuotaStatus[] = [];
  for (const { slug } of active) statuses.push(await quotaStatus(runtime, slug));
  return statuses.map(nearestOf).sort((a, b) => b.share - a.share);
};

const nearestOf = (status: QuotaStatus): NearestQuota => {
  const { limits, used } = status;
  const shares = (Object.keys(used) as Array<keyof Usage>).map((name) => ({
    name,
    share: used[name] / limits[name],
  }));
  const [most] = shares.sort((a, b) => b.share - a.share);
  return { ...status, nearest: most?.name ?? 'rows', share: most?.share ?? 0 };
};
