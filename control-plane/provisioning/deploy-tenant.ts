import type { LoadedManifest } from '../../manifest/index.js';
import { runOperation } from '../operation/run-operation.js';
import { refuseViolations } from '../policies/refuse.js';
import type { Runtime } from '../runtime.js';
import { refuseOpenErasure } from '../tenants/open-erasure.js';
import { withTenant } from '../tenants/tenant-lock.js';
import { type DeploymentOptions, type DeploymentSummary, summarise } from './deployment.js';
import { DEPLOYMENTS } from './deployment-steps.js';
import { judgeDeployment } from './judge-deployment.js';

/**
 * Brings a tenant to what its manifest says, in its cell, and proves it: isolation, a first backup, its restore. Every step
 * converges, so the next run finishes a killed one.
 * @throws RingfenceError `policy_violated` before anything is deployed, `tenant_busy` while another run works on the tenant, `isolation_violated` when the probe reads
 * another tenant's data, and what the failing resource threw.
 */
export const deployTenant = (
  runtime: Runtime,
  manifest: LoadedManifest,
  options: DeploymentOptions,
): Promise<DeploymentSummary> => {
  const { slug } = manifest.tenant;
  return withTenant(runtime, slug, async () => {
    await refuseOpenErasure(runtime.control, slug);
    refuseViolations(await judgeDeployment(runtime, manifest, options));
    const table = DEPLOYMENTS[options.kind];
    return summarise(await runOperation(runtime, table, { manifest, options }, options.onStep));
  });
};
