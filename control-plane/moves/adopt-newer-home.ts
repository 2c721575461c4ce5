import { RingfenceError } from '../../core/errors.js';
import { inPooledTransaction } from '../../data-plane/database/connect.js';
import type { Runtime } from '../runtime.js';
import { findNewerHome } from '../tenants/newer-home.js';
import { enterPlacementState } from '../tenants/placements.js';
import { findTenantById, type RegisteredTenant } from '../tenants/store.js';
import { withTenant } from '../tenants/tenant-lock.js';
import { adoptFlip } from './adopt-flip.js';
import { isEnrolledIn } from './look-there.js';
import { takeOver } from './moving.js';
import { isAbortable } from './states.js';
import {
  changeMove,
  findMove,
  findOpenMove,
  flipHome,
  listOpenMoves,
  type Move,
  type Queries,
  recordWindow,
  turnMove,
} from './store.js';

/**
 * Records switches that the control database has lost, because it came back from before them: the cell that is open by the latest
 * epoch is the home. The streams of before are not trusted; the next way back copies. A move that was under way is resumed.
 * @returns slugs of the tenants whose home is another one by now.
 */
export const adoptNewerHomes = async (runtime: Runtime): Promise<readonly string[]> => {
  const adopted: string[] = [];
  for (const { tenantId } of await listOpenMoves(runtime.control)) {
    const tenant = await findTenantById(runtime.control, tenantId);
    if (tenant && (await whileNobodyMoves(runtime, tenant, () => adoptNewerHome(runtime, tenant))))
      adopted.push(tenant.slug);
  }
  return adopted;
};

/** A run that works on the tenant records its own switch. */
export const whileNobodyMoves = async (
  runtime: Runtime,
  { slug }: Pick<RegisteredTenant, 'slug'>,
  work: () => Promise<boolean>,
): Promise<boolean> =>
  withTenant(runtime, slug, work).catch((error: unknown) => {
    if (error instanceof RingfenceError && error.code === 'tenant_busy') return false;
    throw error;
  });

const adoptNewerHome = async (runtime: Runtime, tenant: RegisteredTenant): Promise<boolean> => {
  const move = await findOpenMove(runtime.control, tenant.id);
  if (!move) return false;
  // A cell that is down is asked by what opens or deletes something there.
  const newer = await findNewerHome(runtime, tenant).catch(() => undefined);
  if (!newer) {
    await recordPurgeIfGone(runtime, move);
    return false;
  }
  if (isAbortable(move.state) && newer.cell === move.destination)
    return (await adoptFlip(runtime, await takeOver(runtime, move))).state === 'flipped';
  if ((move.state !== 'window' && move.state !== 'purging') || newer.cell !== move.source) return false;
  await recordSwitchBack(runtime, move, newer.epoch);
  return true;
};

/** The window was ended since: nothing is kept at the other end any more. */
const recordPurgeIfGone = async (runtime: Runtime, move: Move): Promise<void> => {
  if (move.state !== 'window') return;
  const isKept = await isEnrolledIn(runtime, move, move.source).catch(() => true);
  if (!isKept) await inPooledTransaction(runtime.control, (client) => recordPurged(client, move));
};

/** The rows of a move in its window are gone. */
export const recordPurged = async (control: Queries, move: Move): Promise<void> => {
  await changeMove(control, move, 'window', { state: 'purging' });
  await changeMove(control, move, 'purging', { state: 'purged' });
  await enterPlacementState(control, move.tenantId, move.source, 'left');
};

const recordSwitchBack = ({ control, now }: Runtime, move: Move, epoch: number): Promise<void> =>
  inPooledTransaction(control, async (client) => {
    await turnMove(client, move);
    const turned = (await findMove(client, move.id)) ?? move;
    await changeMove(client, turned, 'following', { state: 'fenced', stream: null, returnStream: null });
    await flipHome(client, turned, epoch);
    await beginAdoptedWindow(client, turned, now());
  });

/** The window of a move that is flipped, and that no run will end. */
export const beginAdoptedWindow = async (control: Queries, move: Move, now: Date): Promise<void> => {
  await changeMove(control, move, 'flipped', { state: 'open' });
  await recordWindow(control, move, now);
};
