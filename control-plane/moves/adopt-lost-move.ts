import { RingfenceError } from '../../core/errors.js';
import { inPooledTransaction, withConnection } from '../../data-plane/database/connect.js';
import { endStreamsFrom } from '../../data-plane/moves/streams-from.js';
import { listCells } from '../cells/store.js';
import type { Runtime } from '../runtime.js';
import { epochAsHome } from '../tenants/newer-home.js';
import { homeEpochOf, recordPlacement } from '../tenants/placements.js';
import { listTenants, type RegisteredTenant } from '../tenants/store.js';
import { recordFenced } from './adopt-flip.js';
import { beginAdoptedWindow, recordPurged, whileNobodyMoves } from './adopt-newer-home.js';
import { findMove, findOpenMove, flipHome, type Move, type Queries, recordMove } from './store.js';

/** A control database that has lost a move does not know its window either. */
const WINDOW_HOURS = 24;

/** A tenant that its home does not let in by the route that the control database gives, with no move that says why. */
interface LockedOut {
  readonly tenant: RegisteredTenant;
  /** What its home has of it; undefined for nothing. */
  readonly there: InCell | undefined;
}

interface InCell {
  readonly fence: string;
  readonly epoch: number;
}

/**
 * Finds deployed tenants that are closed in their home, open there by a later epoch, or not there, while no move of them is under way.
 * Asks running cells only.
 */
export const findLockedOut = async ({ control, target }: Runtime): Promise<readonly LockedOut[]> => {
  const tenants = (await listTenants(control)).filter(({ deployedAt }) => deployedAt !== null);
  const found: LockedOut[] = [];
  for (const { name } of await listCells(control)) {
    const inCell = await tenantsIn(target, name).catch(() => undefined);
    if (inCell === undefined) continue;
    for (const tenant of tenants.filter(({ cell }) => cell === name)) {
      const there = inCell.get(tenant.id);
      if (there?.fence === 'open' && there.epoch <= homeEpochOf(tenant)) continue;
      if (!(await findOpenMove(control, tenant.id))) found.push({ tenant, there });
    }
  }
  return found;
};

const tenantsIn = async (target: Runtime['target'], cell: string): Promise<ReadonlyMap<string, InCell>> =>
  withConnection(await target.adminConnection(cell), async (client) => {
    const { rows } = await client.query<InCell & { id: string }>(
      'SELECT id, fence, epoch FROM ringfence.tenants',
    );
    return new Map(rows.map(({ id, ...there }) => [id, there]));
  });

/**
 * Records moves that the control database has lost whole, because it came back from before they began: a cell that is open to a
 * locked-out tenant by a later epoch is its home, which may be the same one again. The way back copies; where the rows are not kept any more there is none.
 * @returns slugs of the tenants whose home is another one by now.
 */
export const adoptLostMoves = async (
  runtime: Runtime,
  lockedOut: readonly LockedOut[],
): Promise<readonly string[]> => {
  const adopted: string[] = [];
  for (const { tenant, there } of lockedOut) {
    const adopt = (): Promise<boolean> =>
      there?.fence === 'open'
        ? recordEpoch(runtime, tenant, there.epoch)
        : adoptLostMove(runtime, tenant, there !== undefined);
    if (!(await whileNobodyMoves(runtime, tenant, adopt))) continue;
    await forgetStreamsOf(runtime, tenant);
    adopted.push(tenant.slug);
  }
  return adopted;
};

/** Nobody knows what the streams of lost moves have brought, and where they lead. */
const forgetStreamsOf = async ({ control, target }: Runtime, { id }: RegisteredTenant): Promise<void> => {
  for (const { name } of await listCells(control)) {
    // One that is down is looked after by whatever deletes rows there.
    if ((await (await target.server(name)).state()) !== 'running') continue;
    await withConnection(await target.adminConnection(name), (client) => endStreamsFrom(client, id));
  }
};

/** It went away and came back: applications with the route of before would be refused. */
const recordEpoch = async (
  { control }: Runtime,
  { id }: RegisteredTenant,
  epoch: number,
): Promise<boolean> => {
  const { rowCount } = await control.query(
    `UPDATE control.placements SET epoch = $2 WHERE tenant_id = $1 AND state = 'home' AND epoch < $2`,
    [id, epoch],
  );
  return rowCount === 1;
};

interface NewHome {
  readonly cell: string;
  readonly epoch: number;
  /** Id of the move. */
  readonly moveId: string;
}

const adoptLostMove = async (
  runtime: Runtime,
  tenant: RegisteredTenant,
  isKept: boolean,
): Promise<boolean> => {
  const home = await findNewHome(runtime, tenant);
  if (!home) return false;
  await inPooledTransaction(runtime.control, (client) =>
    recordLostMove(client, tenant, home, { isKept, now: runtime.now() }),
  );
  return true;
};

const recordLostMove = async (
  client: Queries,
  tenant: RegisteredTenant,
  home: NewHome,
  { isKept, now }: { readonly isKept: boolean; readonly now: Date },
): Promise<void> => {
  const move = await beginLostMove(client, tenant, home);
  await recordFenced(client, move);
  await flipHome(client, move, home.epoch);
  await beginAdoptedWindow(client, move, now);
  if (!isKept) await recordPurged(client, move);
};

const beginLostMove = async (client: Queries, tenant: RegisteredTenant, home: NewHome): Promise<Move> => {
  await recordMove(client, {
    id: home.moveId,
    tenantId: tenant.id,
    source: tenant.cell,
    destination: home.cell,
    windowHours: WINDOW_HOURS,
  });
  await recordPlacement(client, tenant.id, home.cell, 'arriving');
  const move = await findMove(client, home.moveId);
  if (!move) throw new RingfenceError('internal', 'a move that was just recorded is not there');
  return move;
};

const findNewHome = async (runtime: Runtime, tenant: RegisteredTenant): Promise<NewHome | undefined> => {
  for (const { name } of await listCells(runtime.control)) {
    if (name === tenant.cell) continue;
    const asked = epochAsHome(runtime, name, tenant.id, homeEpochOf(tenant));
    const epoch = await asked.catch(() => undefined);
    const moveId = epoch === undefined ? undefined : await lastMoveIn(runtime, name, tenant);
    if (epoch !== undefined && moveId !== undefined) return { cell: name, epoch, moveId };
  }
  return undefined;
};

const lastMoveIn = async (
  { target }: Runtime,
  cell: string,
  { id }: RegisteredTenant,
): Promise<string | undefined> =>
  withConnection(await target.adminConnection(cell), async (client) => {
    const { rows } = await client.query<{ operation: string }>(
      'SELECT operation FROM ringfence_private.moves WHERE tenant_id = $1',
      [id],
    );
    return rows[0]?.operation;
  });
