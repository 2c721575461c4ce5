import { asToolkit } from '../../core/caller.js';
import { type Connection, withConnection } from '../../data-plane/database/connect.js';
import { repairCell } from '../../data-plane/database/repair/repair-cell.js';
import { countTenantRows, type TenantRows } from '../../data-plane/enrolment/count-rows.js';
import { loginRoleOf } from '../../data-plane/enrolment/tenant-login.js';
import { keepAway, setTenantState } from '../../data-plane/enrolment/tenant-state.js';
import { eraseFromCell } from '../../data-plane/erasure/erase-from-cell.js';
import { forgetStreams } from '../../data-plane/moves/found-streams.js';
import type { MoveState } from '../moves/states.js';
import { findOpenMove } from '../moves/store.js';
import type { Runtime } from '../runtime.js';
import { listErasures } from '../tenants/erasures.js';
import { findTenantById, type RegisteredTenant } from '../tenants/store.js';

/** A tenant with restored rows that no longer belongs into the cell. */
export interface NoLongerThere {
  readonly tenantId: string;
  /** As the restored rows have it. */
  readonly slug: string;
  /**
   * `left` for another cell, where it lives. `unknown` to the control database, or registered in another cell without ever having
   * been here: its rows stay, for a person to look at.
   */
  readonly why: 'erased' | 'removed' | 'left' | 'unknown';
}

/**
 * Makes the recovered database of a cell ready before anybody else reaches it. Sets logins and defences as this project has
 * them, withdraws tenants that were erased or removed since, and suspends suspended ones again. Streams of moves end: a move goes on
 * with a new copy.
 */
export const readyRestoredCell = async (
  runtime: Runtime,
  cell: string,
  admin: Connection,
): Promise<NoLongerThere[]> => {
  const tenants = await withConnection(admin, async (client) => {
    // The repair that follows reports what cannot be put back.
    await repairCell(client, runtime.target.credentials(cell), { dryRun: false });
    await forgetStreams(client);
    return countTenantRows(client);
  });
  const gone: NoLongerThere[] = [];
  await eraseAgain(runtime, cell, admin);
  const erased = new Set((await doneErasures(runtime)).map(({ tenantId }) => tenantId));
  for (const found of tenants) {
    const registered = await findTenantById(runtime.control, found.id);
    const why = whyGone(registered, cell, erased.has(found.id));
    if (why) gone.push({ tenantId: found.id, slug: found.slug, why });
    if (!registered) continue;
    if (why === 'removed' || why === 'left') await withdrawAgain(admin, registered);
    else if (registered.cell === cell) {
      await openHome(runtime, admin, registered);
      await putState(runtime, admin, found, registered);
    } else await withConnection(admin, (client) => keepAway(client, registered.id));
  }
  return gone;
};

const doneErasures = async ({ control }: Runtime) =>
  (await listErasures(control)).filter(({ state }) => state === 'done');

/** Also where nothing but clinics is left of one. */
const eraseAgain = async (runtime: Runtime, cell: string, admin: Connection): Promise<void> => {
  for (const { tenantId, clinicIds, cells } of await doneErasures(runtime))
    if (cells.includes(cell))
      await eraseFromCell(admin, { tenantId, clinicIds, loginRole: loginRoleOf(tenantId) });
};

const whyGone = (
  registered: RegisteredTenant | undefined,
  cell: string,
  isErased: boolean,
): NoLongerThere['why'] | undefined => {
  if (!registered) return isErased ? 'erased' : 'unknown';
  const known = registered.placements.find((placement) => placement.cell === cell);
  if (known && registered.state === 'removed') return 'removed';
  if (known?.state === 'left') return 'left';
  return known ? undefined : 'unknown';
};

const withdrawAgain = (admin: Connection, { id, clinicIds }: RegisteredTenant): Promise<void> =>
  eraseFromCell(admin, { tenantId: id, clinicIds: Object.values(clinicIds), loginRole: loginRoleOf(id) });

/** The copy may be from before the tenant's home came here, or from within a fence. A move that may hold the fence opens it itself. */
const openHome = async (
  { control }: Runtime,
  admin: Connection,
  { id, placements, cell }: RegisteredTenant,
): Promise<void> => {
  const move = await findOpenMove(control, id);
  if (move && !HOME_IS_OPEN.includes(move.state)) return;
  const epoch = placements.find((placement) => placement.cell === cell)?.epoch ?? 1;
  await withConnection(admin, (client) =>
    client.query(`UPDATE ringfence.tenants SET fence = 'open', epoch = greatest(epoch, $2) WHERE id = $1`, [
      id,
      epoch,
    ]),
  );
};

const HOME_IS_OPEN: readonly MoveState[] = ['open', 'window', 'purging'];

const putState = async (
  { caller }: Runtime,
  admin: Connection,
  found: TenantRows,
  { id, state }: RegisteredTenant,
): Promise<void> => {
  if ((state !== 'suspended' && state !== 'active') || found.state === state) return;
  const change = { state, reason: 'as before its cell was restored', caller: asToolkit(caller) } as const;
  await withConnection(admin, (client) => setTenantState(client, id, change));
};
