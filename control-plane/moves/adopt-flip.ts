import type { Runtime } from '../runtime.js';
import { lookThere } from './look-there.js';
import { runOf } from './moving.js';
import { isAbortable, type MoveState } from './states.js';
import { changeMove, findMove, flipHome, type Move } from './store.js';
import { endStreams } from './streams.js';

const ON_THE_WAY: readonly MoveState[] = ['preparing', 'copying', 'following', 'fenced'];

/**
 * Records a flip that the control database has lost, because it came back from before it: nobody opens the destination before the flip,
 * so one that is open by a later epoch is the home, with rows that the source does not have. The stream back is given up with the other; a rollback copies.
 */
export const adoptFlip = async (runtime: Runtime, move: Move): Promise<Move> => {
  if (!isAbortable(move.state)) return move;
  const there = await lookThere(runtime, move);
  if (!there?.isHome) return move;
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
