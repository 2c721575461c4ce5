import pMap from 'p-map';
import type { LoadedManifest, RingfenceError } from '../../manifest/index.js';
import { lostCells, runningCells } from '../cells/cells-up.js';
import { type CellDrift, driftChange, NO_DRIFT, readCellDrift } from '../cells/repair-cell.js';
import { listCells } from '../cells/store.js';
import { NO_COST_CHANGE } from '../costs/cost-change.js';
import { failureOf } from '../operation/failure.js';
import { loadExceptions } from '../policies/load-exceptions.js';
import type { Runtime } from '../runtime.js';
import { listTenants } from '../tenants/store.js';
import { judgeManifest } from './judge-manifest.js';
import { previewTenant, type TenantPreview } from './preview-tenant.js';
import { isUnaffected } from './tenant-run.js';

/** The changes that a deployment of one tenant would make, or the reason why they are unknown. */
export type PreviewOutcome =
  | { readonly slug: string; readonly preview: TenantPreview }
  | { readonly slug: string; readonly error: RingfenceError };

/**
 * Previews every manifest, several at once. Reads the registry once, not once a tenant: few of many are affected. A failed
 * tenant or cell does not stop the others.
 */
export const previewAll = async (
  runtime: Runtime,
  manifests: readonly LoadedManifest[],
  options: { concurrency: number; refresh: boolean },
): Promise<PreviewOutcome[]> => {
  const cells = new Map((await listCells(runtime.control)).map((cell) => [cell.name, cell]));
  const tenants = new Map((await listTenants(runtime.control)).map((tenant) => [tenant.slug, tenant]));
  const drifts = new Map<string, CellDrift | RingfenceError>();
  for (const name of await runningCells(runtime))
    drifts.set(
      name,
      await readCellDrift(runtime, name).catch((error: unknown) => failureOf(error, `cell ${name}`)),
    );
  const lost = await lostCells(runtime);
  const exceptions = await loadExceptions(runtime);
  const preview = async (manifest: LoadedManifest): Promise<TenantPreview> => {
    const tenant = tenants.get(manifest.tenant.slug);
    const cell = tenant && cells.get(tenant.cell);
    const drift = (cell && drifts.get(cell.name)) ?? NO_DRIFT;
    if (drift instanceof Error) throw drift;
    if (
      options.refresh ||
      !cell ||
      lost.has(cell.name) ||
      drift.tenantIds.has(tenant.id) ||
      drift.isOtherSize ||
      !(await isUnaffected(runtime, manifest, tenant))
    )
      return previewTenant(runtime, manifest, { refresh: options.refresh, drift });
    const { tier, region } = cell;
    const where = { slug: tenant.slug, cell: cell.name, region, tier };
    const cellChanges = driftChange(drift);
    const judgements = judgeManifest(manifest, exceptions);
    return {
      ...where,
      unaffected: true,
      adopts: false,
      cellChanges,
      resize: null,
      costChange: NO_COST_CHANGE,
      changes: [],
      judgements,
    };
  };
  return pMap(
    manifests,
    async (manifest) => {
      const { slug } = manifest.tenant;
      try {
        return { slug, preview: await preview(manifest) };
      } catch (error) {
        return { slug, error: failureOf(error, `tenant ${slug}`) };
      }
    },
    { concurrency: options.concurrency },
  );
};
