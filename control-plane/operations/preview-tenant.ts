import type { LoadedManifest } from '../../tenants/index.js';
import type { ResourceChange } from '../deployment/change.js';
import { previewStack } from '../deployment/stack-run.js';
import { placeTenant } from '../placement.js';
import { findCell } from '../registry/cells.js';
import { findTenant } from '../registry/tenants.js';
import type { Runtime } from '../runtime.js';
import { isUp, previewCell } from './cells-up.js';
import { isUnaffected, tenantRun } from './tenant-run.js';

/** What deploying a manifest would change. Nothing is changed by looking. */
export interface TenantPreview {
  readonly slug: string;
  readonly cell: string;
  readonly region: string;
  readonly tier: 'shared' | 'dedicated';
  /** The manifest, cell, schema and program are those of the last deployment, so no stack was run. */
  readonly unaffected: boolean;
  /** Empty when the cell is up. */
  readonly cellChanges: readonly ResourceChange[];
  readonly changes: readonly ResourceChange[];
}

/** @param options.refresh look at the real resources first, so that what was changed behind the engine's back shows. */
export const previewTenant = async (
  runtime: Runtime,
  manifest: LoadedManifest,
  options: { refresh?: boolean } = {},
): Promise<TenantPreview> => {
  const request = await placeTenant(runtime.control, manifest.tenant);
  const cell = await findCell(runtime.control, request.name);
  const registered = await findTenant(runtime.control, manifest.tenant.slug);
  const where = {
    slug: manifest.tenant.slug,
    cell: request.name,
    region: request.region,
    tier: request.tier,
  };
  const refresh = options.refresh === true;
  if (!refresh && registered && isUnaffected(manifest, registered)) {
    return { ...where, unaffected: true, cellChanges: [], changes: [] };
  }
  const cellIsUp = cell !== undefined && (await isUp(runtime, cell));
  const exists = registered?.deployedAt != null && registered.state !== 'removed';
  const run = await tenantRun(runtime, manifest.tenant, {
    cell: request.name,
    cellIsUp: cellIsUp && exists,
    ...(registered ? { tenantId: registered.id } : {}),
  });
  const cellChanges = cellIsUp ? [] : await previewCell(runtime, request);
  const changes = await previewStack(await runtime.stackRunner(), {
    ...run,
    recover: false,
    refresh,
    exists,
  });
  return { ...where, unaffected: false, cellChanges, changes };
};
