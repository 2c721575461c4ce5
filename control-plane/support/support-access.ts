import {
  grantSupport,
  listSupport,
  revokeSupport,
  type SupportGrant,
} from '../../data-plane/support/grants.js';
import type { Runtime } from '../runtime.js';
import { inTenantCell } from '../tenants/in-tenant-cell.js';

export const grantTenantSupport = (
  runtime: Runtime,
  slug: string,
  request: Omit<Parameters<typeof grantSupport>[2], 'caller'>,
): Promise<SupportGrant> =>
  inTenantCell(runtime, slug, (client, { id }) =>
    grantSupport(client, id, { ...request, caller: runtime.caller }),
  );

export const listTenantSupport = (runtime: Runtime, slug: string): Promise<SupportGrant[]> =>
  inTenantCell(runtime, slug, (client, { id }) => listSupport(client, id));

export const revokeTenantSupport = (runtime: Runtime, slug: string, grantId: string): Promise<SupportGrant> =>
  inTenantCell(runtime, slug, (client, { id }) => revokeSupport(client, id, grantId, runtime.caller));
