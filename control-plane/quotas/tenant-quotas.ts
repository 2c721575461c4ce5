import { readQuota } from '../../data-plane/quotas/quota.js';
import { readUsage, type Usage } from '../../data-plane/quotas/usage.js';
import { type Quotas, RingfenceError } from '../../manifest/index.js';
import type { Runtime } from '../runtime.js';
import { inTenantCell } from '../tenants/in-tenant-cell.js';

/** A tenant's limits with their present use. */
export interface QuotaStatus {
  readonly slug: string;
  readonly limits: Quotas;
  readonly used: Usage;
}

/** @throws RingfenceError `tenant_not_found` where the tenant is not deployed. */
export const quotaStatus = (runtime: Runtime, slug: string): Promise<QuotaStatus> =>
  inTenantCell(runtime, slug, async (client, tenant) => {
    const limits = await readQuota(client, tenant.id);
    const used = await readUsage(client, tenant.id);
    if (limits && used) return { slug, limits, used };
    throw new RingfenceError('tenant_not_found', `tenant ${slug} has no quotas in cell ${tenant.cell}`, {
      fix: `finish its deployment with \`ringfence tenants apply ${slug}\``,
    });
  });
