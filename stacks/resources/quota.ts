import { z } from 'zod';
import { withConnection } from '../../data-plane/database/connect.js';
import { putQuota, readQuota } from '../../data-plane/quotas/quota.js';
import { byQuota } from '../../manifest/quotas.js';
import type { Target } from '../protocol/provider/dependencies.js';
import { defineResource, goesWithTenant, type ServedResource } from '../protocol/provider/resource.js';
import { declareResource } from './declare.js';

const inputs = z.strictObject({
  cell: z.string(),
  tenantId: z.guid(),
  ...byQuota(() => z.number()),
});
type Inputs = z.infer<typeof inputs>;

export const TenantQuota = declareResource('ringfence:index:TenantQuota', inputs);

/** `ringfence:index:TenantQuota`: the tenant's limits in its cell. */
export const quota = (target: Pick<Target, 'adminConnection' | 'reached'>): ServedResource => {
  const put = async ({ cell, tenantId, ...quotas }: Inputs) => {
    await withConnection(await target.adminConnection(cell), (client) => putQuota(client, tenantId, quotas));
    target.reached('quota-set');
    return {};
  };
  return defineResource<Inputs>({
    inputs,
    identity: ['cell', 'tenantId'],
    id: ({ tenantId }) => `quota/${tenantId}`,
    create: put,
    update: put,
    read: async ({ cell, tenantId }) => {
      const found = await withConnection(await target.adminConnection(cell), (client) =>
        readQuota(client, tenantId),
      );
      return found && { ...found };
    },
    // The quota goes only with its tenant: without it the tenant would have no limits.
    remove: async ({ cell, tenantId }) => {
      const found = await withConnection(await target.adminConnection(cell), (client) =>
        readQuota(client, tenantId),
      );
      if (found) throw goesWithTenant('the quota', tenantId);
    },
  });
};
