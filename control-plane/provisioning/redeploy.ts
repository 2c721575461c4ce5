import type { LoadedManifest } from '../../manifest/index.js';
import { recordDeployment } from '../deployments/record-deployment.js';
import { deployStack } from '../engine/run/stack-run.js';
import type { Runtime } from '../runtime.js';
import { refuseNewerHome } from '../tenants/newer-home.js';
import type { RegisteredTenant } from '../tenants/store.js';
import { deployedRun, inputsHash, tenantStackHash } from './tenant-run.js';

/**
 * Runs a tenant's stack as part of an operation. Reads the real resources first: the engine's state may be out of date.
 * Proves nothing and takes no backup. The caller holds the tenant's lock.
 */
export const redeploy = (
  runtime: Runtime,
  tenant: Pick<RegisteredTenant, 'id' | 'slug' | 'placements'>,
  manifest: LoadedManifest,
  operation: string,
): Promise<void> => {
  const fields = { inputs: manifest.tenant, inputsHash: inputsHash(manifest, tenant), operation };
  return recordDeployment(runtime, { tenantId: tenant.id }, fields, async (deployment) => {
    await refuseNewerHome(runtime, tenant);
    await deployStack(await runtime.stackRunner(), {
      ...deployedRun(manifest.tenant, tenant, deployment),
      recover: true,
      refresh: true,
    });
    await deployment.applied();
    return { result: undefined, checkpointHash: await tenantStackHash(runtime, tenant.slug) };
  });
};
