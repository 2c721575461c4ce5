import type pg from 'pg';
import { setFence } from '../../data-plane/moves/fence.js';
import type { MoveRun } from '../../data-plane/moves/move-run.js';
import type { Runtime } from '../runtime.js';
import { announceOpening, homeEpoch } from './store.js';

/**
 * Opens a fence of a move, and tells the applications that wait behind it.
 * @param epoch of the placement, where it is a new home. @throws RingfenceError `move_superseded`.
 */
export const openFence = async (
  { control }: Pick<Runtime, 'control'>,
  client: pg.ClientBase,
  run: MoveRun,
  epoch?: number,
): Promise<void> => {
  await setFence(client, run, 'open', epoch);
  await announceOpening(control, run.tenantId);
};

/** Opens the home that a move has switched to, however far a run that was broken off had come with it. */
export const openHome = async (
  runtime: Pick<Runtime, 'control'>,
  { source, destination }: { readonly source: pg.ClientBase; readonly destination: pg.ClientBase },
  run: MoveRun,
): Promise<void> => {
  await setFence(source, run, 'closed');
  await openFence(runtime, destination, run, await homeEpoch(runtime.control, run.tenantId));
};
