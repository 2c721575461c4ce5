import type pg from 'pg';
import { withConnection } from '../../data-plane/database/connect.js';
import { setFence } from '../../data-plane/moves/fence.js';
import { lastAttempt, takeOverCell } from '../../data-plane/moves/move-run.js';
import { SHUT } from '../operation/refuse-while-moving.js';
import type { Runtime } from '../runtime.js';
import { homeThere } from './give-up.js';
import { runOf } from './moving.js';
import { changeMove, findMove, homeEpoch, type Move, takeMove } from './store.js';

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
  return withConnection(await target.adminConnection(move.source), async (source) => {
    if (!(await isHeld(source, move))) return false;
    if (move.state === 'flipped') return openHome(runtime, source, move);
    // A control database that came back from an earlier state does not know of a switch.
    if ((await homeThere(runtime, move)) !== undefined) return false;
    const taken = await take(control, [source], move);
    // The other run may have switched just before.
    if (taken.state === 'flipped') return openHome(runtime, source, taken);
    await takeOverCell(source, runOf(taken));
    await setFence(source, runOf(taken), 'open');
    if (taken.state === 'fenced') await changeMove(control, taken, 'fenced', { state: 'following' });
    return true;
  });
};

/** Whether the source has been shut for too long. */
const isHeld = async (source: pg.ClientBase, { tenantId }: Move): Promise<boolean> => {
  const { rowCount } = await source.query(
    `SELECT FROM ringfence.tenants WHERE id = $1 AND fence <> 'open' AND fenced_since < now() - make_interval(secs => $2)`,
    [tenantId, HELD_SECONDS],
  );
  return rowCount === 1;
};

const take = async (
  control: Runtime['control'],
  cells: readonly pg.ClientBase[],
  move: Move,
): Promise<Move> => {
  const seen = await Promise.all(cells.map((client) => lastAttempt(client, move.tenantId)));
  await takeMove(control, move.id, Math.max(...seen));
  return (await findMove(control, move.id)) ?? move;
};

/** The home has switched, and was not opened. */
const openHome = async (
  { control, target }: Pick<Runtime, 'control' | 'target'>,
  source: pg.ClientBase,
  move: Move,
): Promise<boolean> =>
  withConnection(await target.adminConnection(move.destination), async (destination) => {
    const { rowCount } = await destination.query(
      `SELECT FROM ringfence.tenants WHERE id = $1 AND fence <> 'open'`,
      [move.tenantId],
    );
    if (rowCount === 0) return false;
    const taken = await take(control, [source, destination], move);
    for (const client of [source, destination]) await takeOverCell(client, runOf(taken));
    await setFence(source, runOf(taken), 'closed');
    await setFence(destination, runOf(taken), 'open', await homeEpoch(control, move.tenantId));
    return true;
  });
