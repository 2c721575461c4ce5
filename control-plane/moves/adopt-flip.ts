import { withConnection } from '../../data-plane/database/connect.js';
import type { Runtime } from '../runtime.js';
import { runOf } from './moving.js';
import { isAbortable, type MoveState } from './states.js';
import { changeMove, findMove, flipHome, homeEpoch, type Move } from './store.js';
import { endStreams } from './streams.js';

/** The tenant in the destination of a move. */
interface There {
  readonly fence: string;
  readonly epoch: number;
}

/** @returns undefined where it is not enrolled. */
export const lookThere = async (
  { target }: Runtime,
  { tenantId, destination }: Pick<Move, 'tenantId' | 'destination'>,
): Promise<There | undefined> =>
  withConnection(
    await target.adminConnection(destination),
    async (client) =>
      (await client.query<There>('SELECT fence, epoch FROM ringfence.tenants WHERE id = $1', [tenantId]))
        .rows[0],
  );

const ON_THE_WAY: readonly MoveState[] = ['preparing', 'copying', 'following', 'fenced'];

/**
 * Records a flip that the control database has lost, because it came back from before it: nobody opens the destination before the flip,
 * so an open one is the home, with rows that the source does not have, if its epoch is a later one: an earlier copy of a cell is open too.
 * The stream back is given up with the other; a rollback copies.
 */
export const adoptFlip = async (runtime: Runtime, move: Move): Promise<Move> => {
  if (!isAbortable(move.state)) return move;
  const there = await lookThere(runtime, move);
  if (there?.fence !== 'open' || there.epoch <= (await homeEpoch(runtime.control, move.tenantId)))
    return move;
  const run = runOf(move);
  await endStreams(
    runtime,
    move.id,
    [move.source, move.destination].map((cell) => ({ cell, run })),
  );
  const { control } = runtime;
  for (let at = ON_THE_WAY.indexOf(move.state); at < ON_THE_WAY.length - 1; at++)
    await changeMove(control, move, ON_THE_WAY[at] ?? move.state, {
      state: ON_THE_WAY[at + 1] ?? move.state,
      stream: null,
      returnStream: null,
    });
  await changeMove(control, move, 'fenced', { stream: null, returnStream: null });
  await flipHome(control, move, there.epoch);
  return (await findMove(control, move.id)) ?? move;
};
