import type { LoadedManifest } from '../../tenants/index.js';
import { listCells } from '../registry/cells.js';
import { listTenants } from '../registry/tenants.js';
import type { Runtime } from '../runtime.js';
import { atOnce } from './at-once.js';
import { lostCells, runningCells } from './cells-up.js';
import { previewTenant, type TenantPreview } from './preview-tenant.js';
import { type CellDrift, driftChange, NO_DRIFT, readCellDrift } from './repair-cell.js';
import { isUnaffected } from './tenant-run.js';

/** Previews every manifest, several at once. The registry is read once, not once a tenant: few of many are affected. */
export const previewAll = async (
  runtime: Runtime,
  manifests: readonly LoadedManifest[],
  options: { concurrency: number; refresh: boolean },
): Promise<TenantPreview[]> => {
  const cells = new Map((await listCells(runtime.control)).map((cell) => [cell.name, cell]));
  const tenants = new Map((await listTenants(runtime.control)).map((tenant) => [tenant.slug, tenant]));
  const drifts = new Map<string, CellDrift>();
  for (const name of await runningCells(runtime)) drifts.set(name, await readCellDrift(runtime, name));
  const lost = await lostCells(runtime);
  return atOnce(manifests, options.concurrency, async (manifest) => {
    const tenant = tenants.get(manifest.tenant.slug);
    const cell = tenant && cells.get(tenant.cell);
    const drift = (cell && drifts.get(cell.name)) ?? NO_DRIFT;
    if (
      options.refresh ||
      !cell ||
      lost.has(cell.name) ||
      drift.tenantIds.has(tenant.id) ||
      !isUnaffected(manifest, tenant)
    )
      return previewTenant(runtime, manifest, { refresh: options.refresh, drift });
    const { tier, region } = cell;
    const where = { slug: tenant.slug, cell: cell.name, region, tier };
    return { ...where, unaffected: true, cellChanges: driftChange(drift), changes: [] };
  });
};
