import { listBackupCells } from '../backups/store.js';
import { wakeCell } from '../cells/cells-up.js';
import { refuseOnHold } from '../holds/refuse-on-hold.js';
import { refuseWhileMoving } from '../operation/refuse-while-moving.js';
import { noteOperation } from '../operation/store.js';
import type { Runtime } from '../runtime.js';
import { enterState } from '../tenants/enter-state.js';
import { type Erasure, findOpenErasure, recordErasure, recordUseStopped } from '../tenants/erasures.js';
import { requireHome } from '../tenants/newer-home.js';
import { refuseOpenErasure } from '../tenants/open-erasure.js';
import { getKnownTenant, type RegisteredTenant } from '../tenants/store.js';
import { setStateInCell } from '../tenants/suspend.js';
import { withTenant } from '../tenants/tenant-lock.js';

const DAY_MS = 86_400_000;

export interface ErasureRequest {
  /** The reason stays in the certificate after the erasure, so it must name nobody. */
  readonly reason: string;
  /** The erasure can be cancelled until it is due. */
  readonly waitDays: number;
}

/**
 * Records the request to erase a tenant, also a removed one, and refuses all its people from now on. The next run finishes
 * a request whose run was killed.
 * @throws RingfenceError `erasure_held`, `tenant_erased`, `conflict` when it is asked for already, `control_outdated`.
 */
export const requestErasure = (runtime: Runtime, slug: string, request: ErasureRequest): Promise<Erasure> =>
  withTenant(runtime, slug, async () => {
    const { control } = runtime;
    const known = await findOpenErasure(control, slug);
    if (known?.useStoppedAt) await refuseOpenErasure(control, slug);
    const tenant = await getKnownTenant(control, slug);
    // Neither could go on with the other: a move is not begun for a tenant that is to be erased.
    await refuseWhileMoving(control, tenant.id, 'request-erasure');
    if (tenant.state === 'active' || tenant.state === 'suspended') {
      await wakeCell(runtime, tenant.cell);
      // What a control database from before a move has would be erased, and certified, where the tenant does not live.
      await requireHome(runtime, tenant);
    }
    const erasure = known ?? (await record(runtime, tenant, request));
    runtime.reached('erasure-requested');
    return stopUse(runtime, tenant, erasure);
  });

const record = async (
  runtime: Runtime,
  tenant: RegisteredTenant,
  request: ErasureRequest,
): Promise<Erasure> => {
  const { control, caller } = runtime;
  const { id: tenantId, slug } = tenant;
  await refuseOnHold(runtime, { tenantId, slug }, 'request-erasure');
  const requestedAt = runtime.now();
  const erasure = await recordErasure(control, {
    tenantId,
    slug,
    cells: [
      ...new Set([
        ...tenant.placements.map(({ cell }) => cell),
        ...(await listBackupCells(control, tenantId)),
      ]),
    ].sort(),
    clinicIds: Object.values(tenant.clinicIds),
    reason: request.reason,
    requestedBy: caller.who,
    requestedAt,
    dueAt: new Date(requestedAt.getTime() + request.waitDays * DAY_MS),
    resume: tenant.state === 'active',
  });
  await noteOperation(control, { tenantId, slug, kind: 'request-erasure', caller });
  return erasure;
};

/** Refuses all people of the tenant. The cell comes first, because the cell refuses. Idempotent. */
export const stopUse = async (
  runtime: Runtime,
  tenant: RegisteredTenant,
  erasure: Erasure,
): Promise<Erasure> => {
  const { control } = runtime;
  await wakeCell(runtime, tenant.cell);
  await setStateInCell(runtime, tenant, 'suspended', `erasure: ${erasure.reason}`);
  if (tenant.state === 'active') await enterState(control, tenant.id, 'suspended');
  runtime.reached('use-stopped');
  return recordUseStopped(control, erasure.id, runtime.now());
};
