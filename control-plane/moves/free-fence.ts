import { withConnection } from '../../data-plane/database/connect.js';
import { SHUT } from '../operation/refuse-while-moving.js';
import type { Runtime } from '../runtime.js';
import { homeThere } from './give-up.js';
import { isShut } from './is-shut.js';
import { runOf, takeOver, takeOverSource, withEnds } from './moving.js';
import { openFence, openHome } from './open-fence.js';
import { changeMove, findMove, type Move } from './store.js';

/** Much longer than a fence that goes on is drawn: it waits for who is in, and for the last rows. */
const HELD_SECONDS = 120;

/**
 * Opens a tenant whose move holds it behind a fence and does not go on, although its process lives and has the tenant's lock: it was
 * stopped, or its machine hangs. The fencing token makes that safe: once this run has taken the move in the control database, the other
 * one can neither switch the home nor draw a fence, and whether it has switched is known. The move itself waits for the lock.
 * @returns whether the tenant was opened.
 */
export const freeFence = async (runtime: Runtime, move: Move): Promise<boolean> => {
  if (!SHUT.includes(move.state)) return false;
  const { control, target } = runtime;
  const { source, tenantId } = move;
  if (!(await isShut(runtime, { cell: source, tenantId, seconds: HELD_SECONDS }))) return false;
  if (move.state === 'flipped') return freeHome(runtime, move);
  // A control database that came back from an earlier state does not know of a switch.
  if ((await homeThere(runtime, move)) !== undefined) return false;
  const taken = await takeOverSource(runtime, move);
  // The other run may have switched just before.
  const found = (await findMove(control, move.id)) ?? taken;
  if (found.state === 'flipped') return freeHome(runtime, found);
  await withConnection(await target.adminConnection(source), (client) =>
    openFence(runtime, client, runOf(found)),
  );
  if (found.state === 'fenced') await changeMove(control, found, 'fenced', { state: 'following' });
  return true;
};

/** The home has switched, and was not opened. */
const freeHome = async (runtime: Runtime, move: Move): Promise<boolean> => {
  if (!(await isShut(runtime, { cell: move.destination, tenantId: move.tenantId }))) return false;
  const taken = await takeOver(runtime, move);
  await withEnds(runtime, taken, (clients) => openHome(runtime, clients, runOf(taken)));
  return true;
};
