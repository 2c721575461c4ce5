import { z } from 'zod';
import { withConnection } from '../../../data-plane/database/connect.js';
import { enrol } from '../../../data-plane/enrolment/enrol.js';
import { readEnrolment } from '../../../data-plane/enrolment/read-enrolment.js';
import { withdraw } from '../../../data-plane/enrolment/withdraw.js';
import { loginPassword } from '../../../data-plane/keys/rotation/login-password.js';
import type { Target } from '../dependencies.js';
import { defineResource, type ServedResource } from '../resource.js';

const inputs = z.strictObject({
  cell: z.string(),
  tenantId: z.uuid(),
  slug: z.string(),
  loginRole: z.string(),
  clinics: z.array(
    z.strictObject({
      id: z.uuid(),
      slug: z.string(),
      name: z.string(),
      vertical: z.string(),
      timeZone: z.string(),
    }),
  ),
  keyVersion: z.number().int(),
  /** The limits of the login's role: the role is made again around them, so the enrolment follows. */
  connections: z.number().int(),
  statementTimeoutMs: z.number().int(),
});
type Inputs = z.infer<typeof inputs>;

/** `ringfence:index:TenantEnrolment`: the tenant, its clinics and its login in the cell's database. */
export const enrolment = (target: Target): ServedResource => {
  const put = async (tenant: Inputs) => {
    // Of the newest version: the state may still know the one before a rotation.
    const password = loginPassword(await target.tenantKeys.load(tenant.tenantId));
    await withConnection(await target.adminConnection(tenant.cell), (client) =>
      enrol(client, tenant, password),
    );
    target.reached('tenant-enrolled');
    return {};
  };
  return defineResource<Inputs>({
    inputs,
    replaceOn: ['cell', 'tenantId'],
    id: ({ tenantId }) => `enrolment/${tenantId}`,
    create: put,
    update: put,
    read: async ({ cell, tenantId }) => {
      const found = await withConnection(await target.adminConnection(cell), (client) =>
        readEnrolment(client, tenantId),
      );
      return found && { ...found };
    },
    remove: async ({ cell, tenantId }) => {
      await withConnection(await target.adminConnection(cell), (client) => withdraw(client, tenantId));
      target.reached('tenant-withdrawn');
    },
  });
};
