import { translateIfDatabaseError } from '../../data-plane/database/errors.js';
import { type LoadedManifest, RingfenceError } from '../../tenants/index.js';
import { listTenants } from '../registry/tenants.js';
import type { Runtime } from '../runtime.js';
import { atOnce } from './at-once.js';
import { type DeploymentSummary, deployTenant } from './deploy-tenant.js';
import { isUnaffected } from './tenant-run.js';

/** What happened to one of the tenants. */
export type ApplyOutcome =
  | { readonly slug: string; readonly outcome: 'deployed'; readonly summary: DeploymentSummary }
  | { readonly slug: string; readonly outcome: 'unaffected' }
  | { readonly slug: string; readonly outcome: 'failed'; readonly error: RingfenceError };

/**
 * Deploys every manifest that differs from its last deployment, several at once. One that fails does not stop the
 * others; a run that was killed goes on where it stopped, because what was deployed is unaffected then.
 */
export const applyAll = async (
  runtime: Runtime,
  manifests: readonly LoadedManifest[],
  options: { concurrency: number; onOutcome: (outcome: ApplyOutcome) => void },
): Promise<ApplyOutcome[]> => {
  const known = new Map((await listTenants(runtime.control)).map((tenant) => [tenant.slug, tenant]));
  return atOnce(manifests, options.concurrency, async (manifest) => {
    const tenant = known.get(manifest.tenant.slug);
    const outcome: ApplyOutcome =
      tenant && isUnaffected(manifest, tenant)
        ? { slug: manifest.tenant.slug, outcome: 'unaffected' }
        : await deployOne(runtime, manifest);
    options.onOutcome(outcome);
    return outcome;
  });
};

const deployOne = async (runtime: Runtime, manifest: LoadedManifest): Promise<ApplyOutcome> => {
  const { slug } = manifest.tenant;
  try {
    return { slug, outcome: 'deployed', summary: await deployTenant(runtime, manifest, { kind: 'apply' }) };
  } catch (thrown) {
    const error = translateIfDatabaseError(thrown);
    const known =
      error instanceof RingfenceError
        ? error
        : new RingfenceError('internal', `tenant ${slug} failed`, { cause: error });
    return { slug, outcome: 'failed', error: known };
  }
};
