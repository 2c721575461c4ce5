import type { LoadedManifest } from '../../manifest/index.js';
import { recordDeployment } from '../deployments/record-deployment.js';
import { deployStack } from '../engine/run/stack-run.js';
import type { Runtime } from '../runtime.js';
import type { RegisteredTenant } from '../tenants/store.js';
import { deployedRun, inputsHash, tenantStackHash } from './tenant-run.js';

/**
 * Runs a tenant's stack as part of an operation, with the real resources looked at first: what the engine believes may not be so
 * any more. Nothing is proved and no backup is taken. The caller holds the tenant's lock.
 */
export const redeploy = (
  runtime: Runtime,
  tenant: Pick<RegisteredTenant, 'id' | 'slug' | 'placements'>,
  manifest: LoadedManifest,
  operation: string,
): Promise<void> => {
  const fields = { inputs: manifest.tenant, inputsHash: inputsHash(manifest, tenant), operation };
  return recordDeployment(runtime, { tenantId: tenant.id }, fields, async (deployment) => {
    await deployStack(await runtime.stackRunner(), {
      ...deployedRun(manifest.tenant, tenant, deployment),
      recover: true,
      refresh: true,
    });
    await deployment.applied();
    return { result: undefined, checkpointHash: tenantStackHash(runtime, tenant.slug) };
  });
};
