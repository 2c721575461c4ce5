import type pg from 'pg';
import { withConnection } from '../../data-plane/database/connect.js';
import type { Runtime } from '../runtime.js';
import { getTenant, type RegisteredTenant } from './store.js';

/** Runs `work` as the administrator of the cell that a tenant lives in. @throws RingfenceError `tenant_not_found`. */
export const inTenantCell = async <T>(
  runtime: Runtime,
  slug: string,
  work: (client: pg.Client, tenant: RegisteredTenant) => Promise<T>,
): Promise<T> => {
  const tenant = await getTenant(runtime.control, slug);
  const admin = await runtime.target.adminConnection(tenant.cell);
  return withConnection(admin, (client) => work(client, tenant));
};
