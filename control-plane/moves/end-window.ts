import { withConnection } from '../../data-plane/database/connect.js';
import { setMoveWork } from '../../data-plane/moves/move-run.js';
import { endStreamsFrom } from '../../data-plane/moves/streams-from.js';
import type { Runtime } from '../runtime.js';
import { refuseNewerHome } from '../tenants/newer-home.js';
import { findTenantById, type RegisteredTenant } from '../tenants/store.js';
import { isEnrolledIn } from './look-there.js';
import { runOf, takeOver } from './moving.js';
import { changeMove, findOpenMove, type Move } from './store.js';
import { endStreams } from './streams.js';

/** The move whose rows are kept in a cell that the tenant has left. */
export const findKept = async (
  { control }: Runtime,
  tenant: Pick<RegisteredTenant, 'id'>,
  cell: string,
): Promise<Move | undefined> => {
  const move = await findOpenMove(control, tenant.id);
  return move?.source === cell && (move.state === 'window' || move.state === 'purging') ? move : undefined;
};

/**
 * Ends the window in which a tenant can be brought back: no stream runs any more, in either direction, before a row is deleted.
 * Idempotent.
 */
export const endWindow = async (runtime: Runtime, move: Move): Promise<void> => {
  const { control, target } = runtime;
  const tenant = await findTenantById(control, move.tenantId);
  if (tenant) await refuseNewerHome(runtime, tenant);
  if (move.state === 'window') await changeMove(control, move, 'window', { state: 'purging' });
  const isThere = await isEnrolledIn(runtime, move, move.source);
  // A run that was killed later has deleted the rows already.
  const run = runOf(isThere ? await takeOver(runtime, move) : move);
  await endStreams(runtime, move.id, [
    { cell: move.source, run: isThere ? run : undefined },
    { cell: move.destination, run },
  ]);
  await withConnection(await target.adminConnection(move.destination), async (client) => {
    // Nothing brings a row back to where they are deleted.
    await endStreamsFrom(client, move.tenantId);
    await setMoveWork(client, run, { underWay: false, tracks: false, locksSchema: false });
  });
};
