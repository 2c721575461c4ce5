import { z } from 'zod';
import { withConnection } from '../../data-plane/database/connect.js';
import {
  dropTenantLogin,
  loginRoleOf,
  putTenantLogin,
  readTenantLogin,
} from '../../data-plane/enrolment/tenant-login.js';
import { loginPassword } from '../../data-plane/keys/rotation/login-password.js';
import { usingKey } from '../../data-plane/keys/using-keys.js';
import type { Target } from '../protocol/provider/dependencies.js';
import { defineResource, type ServedResource } from '../protocol/provider/resource.js';
import { declareResource } from './declare.js';

const inputs = z.strictObject({
  cell: z.string(),
  tenantId: z.guid(),
  connections: z.number().int(),
  statementTimeoutMs: z.number().int(),
  /** The reason for the login, from the manifest. */
  reason: z.string(),
  keyVersion: z.number().int(),
  /** False where a read found something forbidden for a tenant's login; an update mends it. */
  intact: z.boolean(),
});
type Inputs = z.infer<typeof inputs>;

export const TenantLogin = declareResource(
  'ringfence:index:TenantLogin',
  inputs,
  z.object({ name: z.string() }),
);

/**
 * `ringfence:index:TenantLogin`: a tenant's own login, where its manifest asks for one. Ours and not @pulumi/postgresql's,
 * because that one grants memberships without their options at each update, and looks at few of a role's attributes.
 */
export const tenantLogin = (
  target: Pick<Target, 'adminConnection' | 'tenantKeys' | 'reached'>,
): ServedResource => {
  // Uses the newest version: the state may still have the one before a rotation.
  const passwordOf = (tenantId: string) => usingKey(target.tenantKeys.load(tenantId), loginPassword);
  const put = async (login: Inputs) => {
    const password = await passwordOf(login.tenantId);
    await withConnection(await target.adminConnection(login.cell), (client) =>
      putTenantLogin(client, login, password),
    );
    target.reached('tenant-login-made');
    return { name: loginRoleOf(login.tenantId) };
  };
  return defineResource<Inputs>({
    inputs,
    identity: ['cell', 'tenantId'],
    id: ({ tenantId }) => `tenant-login/${tenantId}`,
    create: put,
    update: put,
    read: async (login) => {
      const password = await passwordOf(login.tenantId);
      const found = await withConnection(await target.adminConnection(login.cell), (client) =>
        readTenantLogin(client, login, password),
      );
      return found && { ...found, name: loginRoleOf(login.tenantId) };
    },
    remove: async ({ cell, tenantId }) => {
      await dropTenantLogin(await target.adminConnection(cell), loginRoleOf(tenantId));
      target.reached('tenant-login-dropped');
    },
  });
};
