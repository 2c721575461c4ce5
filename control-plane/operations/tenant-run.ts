import { createHash } from 'node:crypto';
import { cellSchemaHash } from '../../data-plane/database/schema-hash.js';
import { CELL_DATABASE, PROVIDER_VERSION, tenantStack } from '../../stacks/names.js';
import type { LoadedManifest, Tenant } from '../../tenants/index.js';
import { removalProgram } from '../deployment/removal-program.js';
import type { StackRun } from '../deployment/stack-run.js';
import type { RegisteredTenant } from '../registry/tenants.js';
import type { Runtime } from '../runtime.js';
import { UNKNOWN_LOGIN } from './cells-up.js';

/** Stands for a tenant that a preview must not register. */
const UNREGISTERED_ID = '00000000-0000-4000-8000-000000000000';

/** The run of stack `tenant.<slug>`. Without a registered id, or a cell that is up, it can only be previewed. */
export const tenantRun = async (
  runtime: Runtime,
  tenant: Tenant,
  where: { cell: string; cellIsUp: boolean; tenantId?: string },
): Promise<Omit<StackRun, 'recover'>> => {
  const admin = where.cellIsUp ? await (await runtime.target.server(where.cell)).login() : UNKNOWN_LOGIN;
  return {
    stack: tenantStack(tenant.slug),
    admin,
    ownProviders: admin.caFile !== undefined,
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
        admin,
      })();
    },
  };
};

/** Changes whenever a deployment would: with the manifest, its cell, the schema or the program (design decision 13). */
export const inputsHash = (manifest: LoadedManifest, cell: string): string =>
  createHash('sha256')
    .update([manifest.hash, cell, cellSchemaHash(), PROVIDER_VERSION].join('\n'))
    .digest('hex');

/** The tenant's last deployment had these inputs, so another one would change nothing. */
export const isUnaffected = (manifest: LoadedManifest, tenant: RegisteredTenant): boolean =>
  tenant.state === 'active' && tenant.inputsHash === inputsHash(manifest, tenant.cell);

/** The run that removes a tenant from its cell. */
export const removalRun = async (
  runtime: Runtime,
  slug: string,
  cell: string,
): Promise<Omit<StackRun, 'recover'>> => ({
  stack: tenantStack(slug),
  ...(await removalProgram(await runtime.target.server(cell), CELL_DATABASE)),
});
