import { RingfenceError } from '../../core/errors.js';
import type { Runtime } from '../runtime.js';
import { getKnownTenant } from '../tenants/store.js';
import { diffManifests, type ManifestChange } from './diff-manifests.js';
import { type Deployment, type DeploymentSubject, listDeployments } from './store.js';

/** The subject of deployments: a tenant by its slug, also a removed one, or a cell by its name. */
export type DeploymentOwner = { readonly tenant: string } | { readonly cell: string };

/** Newest first. @throws RingfenceError `tenant_not_found`, `deployment_not_found` where there is none. */
export const deploymentsOf = async (runtime: Runtime, owner: DeploymentOwner): Promise<Deployment[]> => {
  const subject: DeploymentSubject =
    'tenant' in owner ? { tenantId: (await getKnownTenant(runtime.control, owner.tenant)).id } : owner;
  const deployments = await listDeployments(runtime.control, subject);
  if (deployments.length > 0) return deployments;
  const name = 'tenant' in owner ? `tenant ${owner.tenant}` : `cell ${owner.cell}`;
  throw new RingfenceError('deployment_not_found', `${name} was never deployed`, {
    fix: 'tenant' in owner ? 'deploy it with `ringfence tenants apply`' : 'see `ringfence cells list`',
  });
};

/** Returns one deployment; the newest one without a number. @throws as `deploymentsOf` and `deploymentOf`. */
export const showDeployment = async (
  runtime: Runtime,
  owner: DeploymentOwner,
  number?: number,
): Promise<Deployment> => {
  const deployments = await deploymentsOf(runtime, owner);
  return deploymentOf(deployments, number ?? deployments[0]?.number ?? 0);
};

export interface DeploymentDiff {
  readonly from: number;
  readonly to: number;
  readonly changes: readonly ManifestChange[];
}

/** Compares two deployments; without numbers the newest one with the one before it. */
export const compareDeployments = async (
  runtime: Runtime,
  owner: DeploymentOwner,
  numbers: { readonly from?: number | undefined; readonly to?: number | undefined },
): Promise<DeploymentDiff> => {
  const deployments = await deploymentsOf(runtime, owner);
  const to = deploymentOf(deployments, numbers.to ?? deployments[0]?.number ?? 0);
  const earlier = deployments.find(({ number }) => number < to.number) ?? to;
  const from = deploymentOf(deployments, numbers.from ?? earlier.number);
  return { from: from.number, to: to.number, changes: diffManifests(from.inputs, to.inputs) };
};

/** @throws RingfenceError `deployment_not_found`, naming those that there are. */
export const deploymentOf = (deployments: readonly Deployment[], number: number): Deployment => {
  const found = deployments.find((deployment) => deployment.number === number);
  if (found) return found;
  throw new RingfenceError('deployment_not_found', `there is no deployment ${number}`, {
    fix:
      deployments.length > 0
        ? `choose from: ${deployments.map((deployment) => deployment.number).join(', ')}`
        : 'there is none yet',
  });
};
