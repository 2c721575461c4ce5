import type { Runtime } from '../runtime.js';
import { epochThere } from './look-there.js';
import { runOf } from './moving.js';
import { isAbortable, type MoveState } from './states.js';
import { changeMove, findMove, flipHome, type Move, type Queries } from './store.js';
import { endStreams } from './streams.js';

const ON_THE_WAY: readonly MoveState[] = ['preparing', 'copying', 'following', 'fenced'];

/**
 * Records a flip that the control database has lost, because it came back from before it: nobody opens the destination before the flip,
 * so one that is open by a later epoch is the home, with rows that the source does not have. The stream back is given up with the other; a rollback copies.
 */
export const adoptFlip = async (runtime: Runtime, move: Move): Promise<Move> => {
  if (!isAbortable(move.state)) return move;
  const epoch = await epochThere(runtime, move);
  if (epoch === undefined) return move;
  const run = runOf(move);
  await endStreams(
    runtime,
    move.id,
    [move.source, move.destination].map((cell) => ({ cell, run })),
  );
  const { control } = runtime;
  await recordFenced(control, move);
  await flipHome(control, move, epoch);
  return (await findMove(control, move.id)) ?? move;
};

/** The way of a move to its flip, without streams. */
export const recordFenced = async (control: Queries, move: Move): Promise<void> => {
  const ended = { stream: null, returnStream: null };
  for (let at = ON_THE_WAY.indexOf(move.state); at < ON_THE_WAY.length - 1; at++)
    await changeMove(control, move, ON_THE_WAY[at] ?? move.state, {
      state: ON_THE_WAY[at + 1] ?? move.state,
      ...ended,
    });
  await changeMove(control, move, 'fenced', ended);
};
