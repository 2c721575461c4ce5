import type { Difference } from '../../data-plane/database/defences.js';
import type { LoadedManifest, RingfenceError } from '../../manifest/index.js';
import { lostCells, runningCells } from '../cells/cells-up.js';
import { mendCell, readCellDrift } from '../cells/repair-cell.js';
import { atOnce } from '../operation/at-once.js';
import { failureOf } from '../operation/failure.js';
import type { Runtime } from '../runtime.js';
import { listTenants } from '../tenants/store.js';
import { deployTenant } from './deploy-tenant.js';
import type { DeploymentSummary } from './deployment.js';
import { isUnaffected } from './tenant-run.js';

/** What happened to one of the tenants. */
export type ApplyOutcome =
  | { readonly slug: string; readonly outcome: 'deployed'; readonly summary: DeploymentSummary }
  | { readonly slug: string; readonly outcome: 'unaffected' }
  | { readonly slug: string; readonly outcome: 'failed'; readonly error: RingfenceError };

/**
 * Puts the defences of the running cells back to what their release says, and deploys every manifest that differs from its
 * last deployment, or whose tenant does, several at once. One that fails does not stop the
 * others, and a cell that fails only its own tenants; a run that was killed goes on where it stopped, because what was deployed is unaffected then.
 */
export const applyAll = async (
  runtime: Runtime,
  manifests: readonly LoadedManifest[],
  options: {
    concurrency: number;
    why?: string | undefined;
    onOutcome: (outcome: ApplyOutcome) => void;
    /** A defence of a cell was put back. */
    onMended: (cell: string, difference: Difference) => void;
    /** A cell could not be looked at, or not be put back whole. */
    onCellFailed: (cell: string, error: RingfenceError) => void;
  },
): Promise<ApplyOutcome[]> => {
  const known = new Map((await listTenants(runtime.control)).map((tenant) => [tenant.slug, tenant]));
  const drifted = new Set<string>();
  const failed = new Map<string, RingfenceError>();
  for (const cell of await runningCells(runtime)) {
    try {
      await mendCell(runtime, cell, (difference) => options.onMended(cell, difference));
      for (const id of (await readCellDrift(runtime, cell)).tenantIds) drifted.add(id);
    } catch (thrown) {
      const error = failureOf(thrown, `cell ${cell}`);
      failed.set(cell, error);
      options.onCellFailed(cell, error);
    }
  }
  const lost = await lostCells(runtime);
  return atOnce(manifests, options.concurrency, async (manifest) => {
    const tenant = known.get(manifest.tenant.slug);
    const error = tenant && failed.get(tenant.cell);
    const outcome: ApplyOutcome = error
      ? { slug: manifest.tenant.slug, outcome: 'failed', error }
      : tenant && !lost.has(tenant.cell) && !drifted.has(tenant.id) && isUnaffected(runtime, manifest, tenant)
        ? { slug: manifest.tenant.slug, outcome: 'unaffected' }
        : await deployOne(runtime, manifest, options.why);
    options.onOutcome(outcome);
    return outcome;
  });
};

const deployOne = async (
  runtime: Runtime,
  manifest: LoadedManifest,
  why: string | undefined,
): Promise<ApplyOutcome> => {
  const { slug } = manifest.tenant;
  try {
    return {
      slug,
      outcome: 'deployed',
      summary: await deployTenant(runtime, manifest, { kind: 'apply', why }),
    };
  } catch (thrown) {
    return { slug, outcome: 'failed', error: failureOf(thrown, `tenant ${slug}`) };
  }
};
