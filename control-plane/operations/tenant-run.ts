import { createHash } from 'node:crypto';
import { cellSchemaHash } from '../../data-plane/database/schema-hash.js';
import { localServerLogin } from '../../data-plane/database/server/local-server.js';
import { PROVIDER_VERSION, tenantStack } from '../../stacks/names.js';
import type { LoadedManifest, Tenant } from '../../tenants/index.js';
import type { StackRun } from '../deployment/stack-run.js';
import type { RegisteredTenant } from '../registry/tenants.js';
import type { Runtime } from '../runtime.js';
import { UNKNOWN_LOGIN } from './cells-up.js';

/** Stands for a tenant that a preview must not register. */
const UNREGISTERED_ID = '00000000-0000-4000-8000-000000000000';

/** The run of stack `tenant.<slug>`. Without a registered id, or a cell that is up, it can only be previewed. */
export const tenantRun = (
  runtime: Runtime,
  tenant: Tenant,
  where: { cell: string; cellIsUp: boolean; tenantId?: string },
): Omit<StackRun, 'recover'> => ({
  stack: tenantStack(tenant.slug),
  ...(where.tenantId
    ? { inputs: { kind: 'tenant' as const, cell: where.cell, slug: tenant.slug, tenantId: where.tenantId } }
    : {}),
  program: async () => {
    const { tenantProgram } = await import('../../stacks/tenant.js');
    return tenantProgram({
      cell: where.cell,
      cellIsUp: where.cellIsUp,
      tenantId: where.tenantId ?? UNREGISTERED_ID,
      tenant,
      admin: where.cellIsUp ? localServerLogin(runtime.target.cellDir(where.cell)) : UNKNOWN_LOGIN,
    })();
  },
});

/** Changes whenever a deployment would: with the manifest, its cell, the schema or the program (design decision 13). */
export const inputsHash = (manifest: LoadedManifest, cell: string): string =>
  createHash('sha256')
    .update([manifest.hash, cell, cellSchemaHash(), PROVIDER_VERSION].join('\n'))
    .digest('hex');

/** The tenant's last deployment had these inputs, so another one would change nothing. */
export const isUnaffected = (manifest: LoadedManifest, tenant: RegisteredTenant): boolean =>
  tenant.state === 'active' && tenant.inputsHash === inputsHash(manifest, tenant.cell);

/** The run that removes a tenant: the state knows what there is, so the program is empty. */
export const removalRun = (slug: string): Omit<StackRun, 'recover'> => ({
  stack: tenantStack(slug),
  program: async () => ({}),
});
