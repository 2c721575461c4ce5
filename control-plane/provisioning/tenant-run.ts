import { createHash } from 'node:crypto';
import { VERSION } from '../../core/version.js';
import { cellSchemaHash } from '../../data-plane/database/schema-hash.js';
import type { LoadedManifest, Tenant } from '../../manifest/index.js';
import { PROVIDER_VERSION, tenantStack } from '../../stacks/names.js';
import type { TenantPlacement } from '../../stacks/programs/tenant.js';
import type { RunningDeployment } from '../deployments/record-deployment.js';
import { stackHash } from '../engine/run/stack-hash.js';
import type { StackRun } from '../engine/run/stack-run.js';
import type { Runtime } from '../runtime.js';
import { inhabitedCells } from '../tenants/placements.js';
import type { RegisteredTenant } from '../tenants/store.js';

/** A placeholder for a tenant that a preview must not register. */
const UNREGISTERED_ID = '00000000-0000-4000-8000-000000000000';

interface TenantPlace {
  readonly placements: readonly TenantPlacement[];
  readonly cellIsUp: boolean;
  readonly tenantId?: string;
}

/** The run of stack `tenant.<slug>`. Without a registered id, or a cell that is up, it can only be previewed. */
export const tenantRun = (tenant: Tenant, where: TenantPlace): Omit<StackRun, 'recover'> => ({
  stack: tenantStack(tenant.slug),
  program: async () => {
    const { tenantProgram } = await import('../../stacks/programs/tenant.js');
    return tenantProgram({
      placements: where.placements,
      cellIsUp: where.cellIsUp,
      tenantId: where.tenantId ?? UNREGISTERED_ID,
      tenant,
    })();
  },
});

/** The same for a deployment: plain `pulumi` runs it afterwards too. */
export const deployedRun = (
  tenant: Tenant,
  registered: Pick<RegisteredTenant, 'id' | 'placements'>,
  { number: deployment }: Pick<RunningDeployment, 'number'>,
): Omit<StackRun, 'recover'> => {
  const { id: tenantId } = registered;
  const placements = placesOf(registered);
  return {
    ...tenantRun(tenant, { placements, cellIsUp: true, tenantId }),
    inputs: { kind: 'tenant', deployment, placements, tenantId, tenant },
  };
};

/** The places of a tenant as its program takes them, its home first. */
export const placesOf = (registered: Pick<RegisteredTenant, 'placements'>): TenantPlacement[] =>
  inhabitedCells(registered).map((cell, at) => ({ cell, isHome: at === 0 }));

/** Changes with everything that changes a deployment: the manifest, its cells, the schema, the program and the release. */
export const inputsHash = (
  manifest: LoadedManifest,
  registered: Pick<RegisteredTenant, 'placements'>,
): string =>
  createHash('sha256')
    .update(
      [manifest.hash, ...inhabitedCells(registered), cellSchemaHash(), PROVIDER_VERSION, VERSION].join('\n'),
    )
    .digest('hex');

/** The hash of the engine's present knowledge of a tenant's stack; empty without a stack. */
export const tenantStackHash = async ({ state }: Runtime, slug: string): Promise<string> =>
  (await stackHash(state, tenantStack(slug))) ?? '';
