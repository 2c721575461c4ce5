import type pg from 'pg';
import { withConnection } from '../../data-plane/database/connect.js';
import {
  grantSupport,
  listSupport,
  revokeSupport,
  type SupportGrant,
} from '../../data-plane/support/grants.js';
import { getTenant } from '../registry/tenants.js';
import type { Runtime } from '../runtime.js';

const inCell = async <T>(
  runtime: Runtime,
  slug: string,
  work: (client: pg.Client, tenantId: string) => Promise<T>,
): Promise<T> => {
  const tenant = await getTenant(runtime.control, slug);
  const admin = await runtime.target.adminConnection(tenant.cell);
  return withConnection(admin, (client) => work(client, tenant.id));
};

export const grantTenantSupport = (
  runtime: Runtime,
  slug: string,
  request: Parameters<typeof grantSupport>[2],
): Promise<SupportGrant> =>
  inCell(runtime, slug, (client, tenantId) => grantSupport(client, tenantId, request));

export const listTenantSupport = (runtime: Runtime, slug: string): Promise<SupportGrant[]> =>
  inCell(runtime, slug, listSupport);

export const revokeTenantSupport = (runtime: Runtime, slug: string, grantId: string): Promise<SupportGrant> =>
  inCell(runtime, slug, (client, tenantId) => revokeSupport(client, tenantId, grantId));
