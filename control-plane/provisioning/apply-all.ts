import pMap from 'p-map';
import type { Difference } from '../../data-plane/database/defences.js';
import type { LoadedManifest, RingfenceError } from '../../manifest/index.js';
import { lostCells, runningCells } from '../cells/cells-up.js';
import { mendCell, readCellDrift } from '../cells/repair-cell.js';
import { failureOf } from '../operation/failure.js';
import type { Runtime } from '../runtime.js';
import { listTenants, type RegisteredTenant } from '../tenants/store.js';
import { deployTenant } from './deploy-tenant.js';
import type { DeploymentSummary } from './deployment.js';
import { isUnaffected } from './why-affected.js';

/** The outcome for one tenant. */
export type ApplyOutcome =
  | { readonly slug: string; readonly outcome: 'deployed'; readonly summary: DeploymentSummary }
  | { readonly slug: string; readonly outcome: 'unaffected' }
  | { readonly slug: string; readonly outcome: 'failed'; readonly error: RingfenceError };

/**
 * Puts the defences of the running cells back to what their release says. Then deploys every manifest that differs from its
 * last deployment, or whose tenant does, several at once. A failed tenant does not stop the others; a failed cell stops
 * only its own tenants. A killed run can be run again: it skips the tenants that it had deployed.
 */
export const applyAll = async (
  runtime: Runtime,
  manifests: readonly LoadedManifest[],
  options: {
    concurrency: number;
    why?: string | undefined;
    /** Deploys those that have not changed too: that puts back what was changed by hand. */
    refresh?: boolean | undefined;
    /** URNs of data that may be replaced or deleted. */
    allowReplace?: readonly string[];
    onOutcome: (outcome: ApplyOutcome) => void;
    /** A defence of a cell was put back. */
    onMended: (cell: string, difference: Difference) => void;
    /** A cell could not be inspected, or not be repaired whole. */
    onCellFailed: (cell: string, error: RingfenceError) => void;
  },
): Promise<ApplyOutcome[]> => {
  const known = new Map((await listTenants(runtime.control)).map((tenant) => [tenant.slug, tenant]));
  const drifted = new Set<string>();
  const otherSize = new Set<string>();
  const failed = new Map<string, RingfenceError>();
  for (const cell of await runningCells(runtime)) {
    try {
      await mendCell(runtime, cell, (difference) => options.onMended(cell, difference));
      const { tenantIds, isOtherSize } = await readCellDrift(runtime, cell);
      for (const id of tenantIds) drifted.add(id);
      if (isOtherSize) otherSize.add(cell);
    } catch (thrown) {
      const error = failureOf(thrown, `cell ${cell}`);
      failed.set(cell, error);
      options.onCellFailed(cell, error);
    }
  }
  const lost = await lostCells(runtime);
  const isCurrent = async (
    manifest: LoadedManifest,
    tenant: RegisteredTenant | undefined,
  ): Promise<boolean> =>
    options.refresh !== true &&
    tenant !== undefined &&
    !lost.has(tenant.cell) &&
    !drifted.has(tenant.id) &&
    !otherSize.has(tenant.cell) &&
    (await isUnaffected(runtime, manifest, tenant));
  const apply = async (manifest: LoadedManifest): Promise<ApplyOutcome> => {
    const { slug } = manifest.tenant;
    const tenant = known.get(slug);
    const error = tenant && failed.get(tenant.cell);
    if (error) return { slug, outcome: 'failed', error };
    try {
      if (await isCurrent(manifest, tenant)) return { slug, outcome: 'unaffected' };
      const { why, refresh, allowReplace = [] } = options;
      const summary = await deployTenant(runtime, manifest, { kind: 'apply', why, refresh, allowReplace });
      return { slug, outcome: 'deployed', summary };
    } catch (thrown) {
      return { slug, outcome: 'failed', error: failureOf(thrown, `tenant ${slug}`) };
    }
  };
  return pMap(
    manifests,
    async (manifest) => {
      const outcome = await apply(manifest);
      options.onOutcome(outcome);
      return outcome;
    },
    { concurrency: options.concurrency },
  );
};
