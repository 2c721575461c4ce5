import { z } from 'zod';
import { RingfenceError } from '../../core/errors.js';
import { withConnection } from '../../data-plane/database/connect.js';
import { enrol } from '../../data-plane/enrolment/enrol.js';
import { enrolledClinicSchema } from '../../data-plane/enrolment/enrolment.js';
import { readEnrolment } from '../../data-plane/enrolment/read-enrolment.js';
import type { Target } from '../protocol/provider/dependencies.js';
import { defineResource, type ServedResource } from '../protocol/provider/resource.js';
import { declareResource } from './declare.js';

const inputs = z.strictObject({
  cell: z.string(),
  tenantId: z.guid(),
  slug: z.string(),
  clinics: z.array(enrolledClinicSchema),
  /**
   * `active`: open, or suspended on request; a suspension belongs to the control plane and is no difference here. `closed`:
   * nobody gets in, because the tenant's home is another cell.
   */
  state: z.enum(['active', 'closed']),
});
type Inputs = z.infer<typeof inputs>;

export const TenantEnrolment = declareResource('ringfence:index:TenantEnrolment', inputs);

/** `ringfence:index:TenantEnrolment`: the tenant and its clinics in the cell's database. */
export const enrolment = (target: Pick<Target, 'adminConnection' | 'reached'>): ServedResource => {
  const put = async (tenant: Inputs) => {
    await withConnection(await target.adminConnection(tenant.cell), (client) =>
      enrol(client, tenant, { isHome: tenant.state === 'active' }),
    );
    target.reached('tenant-enrolled');
    return {};
  };
  return defineResource<Inputs>({
    inputs,
    identity: ['cell', 'tenantId'],
    id: ({ tenantId }) => `enrolment/${tenantId}`,
    create: put,
    update: put,
    read: async ({ cell, tenantId, state: wanted }) => {
      const found = await withConnection(await target.adminConnection(cell), (client) =>
        readEnrolment(client, tenantId),
      );
      if (!found) return undefined;
      const { slug, clinics, suspendedBy, fence } = found;
      if (fence === 'closed') return { tenantId, slug, clinics, state: 'closed' };
      const isOnRequest = suspendedBy !== null || fence !== 'open';
      const state = wanted === 'closed' || !isOnRequest ? found.state : wanted;
      return { tenantId, slug, clinics, state };
    },
    // Only a requested operation deletes rows; a changed state or program never does.
    remove: async ({ cell, tenantId, slug }) => {
      const found = await withConnection(await target.adminConnection(cell), (client) =>
        readEnrolment(client, tenantId),
      );
      if (!found) return;
      throw new RingfenceError(
        'conflict',
        `tenant ${slug} is in cell ${cell} with its rows, and the engine deletes none`,
        {
          fix: `take it away with \`ringfence tenants remove ${slug}\`, or \`ringfence tenants erase ${slug}\``,
        },
      );
    },
  });
};
