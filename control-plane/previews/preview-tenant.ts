import type { LoadedManifest } from '../../manifest/index.js';
import { type Judgement, judge } from '../../policies/judge.js';
import { isDeployed, isUp, previewCell, refuseLostCell } from '../cells/cells-up.js';
import { type CellDrift, driftChange, NO_DRIFT, readCellDrift } from '../cells/repair-cell.js';
import { planResize, type Resize } from '../cells/resize.js';
import { findCell } from '../cells/store.js';
import { type CostChange, NO_COST_CHANGE, planCostChange } from '../costs/cost-change.js';
import type { ResourceChange } from '../engine/run/change.js';
import type { EngineResource } from '../engine/run/previewed-resource.js';
import { previewStack } from '../engine/run/stack-run.js';
import { placeTenant } from '../placements/place-tenant.js';
import { loadExceptions } from '../policies/load-exceptions.js';
import { promisesOfCell, promisesOfTenant } from '../policies/promises.js';
import { previewedSubjects } from '../policies/subjects.js';
import { judgeManifest } from '../provisioning/judge-manifest.js';
import { placesOf, tenantRun, tenantStackHash } from '../provisioning/tenant-run.js';
import { isUnaffected } from '../provisioning/why-affected.js';
import type { Runtime } from '../runtime.js';
import { inhabitedCells } from '../tenants/placements.js';
import { findTenant } from '../tenants/store.js';

/** The changes that a deployment of a manifest would make. A preview changes nothing. */
export interface TenantPreview {
  readonly slug: string;
  readonly cell: string;
  readonly region: string;
  readonly tier: 'shared' | 'dedicated';
  /** The manifest, cell, schema, program and the engine's state are those of the last deployment, so no stack was run. */
  readonly unaffected: boolean;
  /** The engine has forgotten a deployed tenant: a deployment takes over what is there. */
  readonly adopts: boolean;
  /** The differences of a running cell from its release. A deployment puts them back. */
  readonly cellChanges: readonly ResourceChange[];
  /** What the size in the manifest does to the tenant's own cell; null where that stays as it is. */
  readonly resize: Resize | null;
  /** Of the cell; what the backups of the tenant will take is not known. */
  readonly costChange: CostChange;
  readonly changes: readonly ResourceChange[];
  /** What the policies say of the manifest, and of each resource that was previewed. */
  readonly judgements: readonly Judgement[];
}

/**
 * @param options.refresh reads the real resources first, to show changes behind the engine's back.
 * @param options.drift is the cell's drift, where it is known already. The defences are inspected in any case.
 * @param options.isAffected the caller knows that it has to be run.
 * @param options.allowReplace URNs of data that may be replaced or deleted.
 * @throws RingfenceError `data_lost` for a tenant whose cell lost its data.
 */
export const previewTenant = async (
  runtime: Runtime,
  manifest: LoadedManifest,
  options: {
    refresh?: boolean;
    drift?: CellDrift;
    isAffected?: boolean;
    allowReplace?: readonly string[];
  } = {},
): Promise<TenantPreview> => {
  const request = await placeTenant(runtime.control, manifest.tenant);
  const cell = await findCell(runtime.control, request.name);
  if (cell) await refuseLostCell(runtime, cell.name);
  const registered = await findTenant(runtime.control, manifest.tenant.slug);
  const where = {
    slug: manifest.tenant.slug,
    cell: request.name,
    region: request.region,
    tier: request.tier,
  };
  const runs = cell !== undefined && (await isUp(runtime, cell));
  const cellIsUp = runs && (await isDeployed(runtime, cell.name));
  const drift = options.drift ?? (runs ? await readCellDrift(runtime, cell.name) : NO_DRIFT);
  const drifted = registered !== undefined && drift.tenantIds.has(registered.id);
  const isSpread = registered !== undefined && inhabitedCells(registered).length > 1;
  const refresh = options.refresh === true || drifted || isSpread;
  const resize = cell && request.size ? await planResize(runtime, cell, request.size) : null;
  if (
    !options.isAffected &&
    !refresh &&
    !resize &&
    registered &&
    (await isUnaffected(runtime, manifest, registered))
  ) {
    const cellChanges = driftChange(drift);
    const judgements = judgeManifest(manifest, await loadExceptions(runtime));
    return {
      ...where,
      unaffected: true,
      adopts: false,
      cellChanges,
      resize,
      costChange: NO_COST_CHANGE,
      changes: [],
      judgements,
    };
  }
  const wasDeployed = registered?.deployedAt != null && registered.state !== 'removed';
  const exists = wasDeployed && (await tenantStackHash(runtime, manifest.tenant.slug)) !== '';
  const run = tenantRun(manifest.tenant, {
    placements: wasDeployed ? placesOf(registered) : [{ cell: request.name, isHome: true }],
    cellIsUp: cellIsUp && exists,
    ...(registered ? { tenantId: registered.id } : {}),
  });
  const about = { cell: request, tenant: manifest.tenant, allowReplace: options.allowReplace };
  const judgements = judgeManifest(manifest, await loadExceptions(runtime));
  const inCell: EngineResource[] = [];
  const cellChanges =
    cellIsUp && !resize
      ? driftChange(drift)
      : await previewCell(runtime, request, {
          refresh: resize !== null,
          onResource: (resource) => inCell.push(resource),
        });
  if (inCell.length > 0)
    judgements.push(...judge(previewedSubjects(inCell), await promisesOfCell(runtime, about)));
  const ofTenant: EngineResource[] = [];
  const changes = await previewStack(await runtime.stackRunner(), {
    ...run,
    recover: false,
    refresh,
    exists,
    onResource: (resource) => ofTenant.push(resource),
  });
  judgements.push(...judge(previewedSubjects(ofTenant), await promisesOfTenant(runtime, about)));
  const adopts = wasDeployed && !exists;
  const costChange = await planCostChange(runtime, request);
  return { ...where, unaffected: false, adopts, cellChanges, resize, costChange, changes, judgements };
};
