import { RingfenceError } from '../../core/errors.js';
import { setMoveWork } from '../../data-plane/moves/move-run.js';
import { openStream } from '../../data-plane/moves/open-stream.js';
import { clinicsIn, isPublished, isRewritten, streamedTables } from '../../data-plane/moves/publication.js';
import { requireSameSchema } from '../../data-plane/moves/same-schema.js';
import { readSlots } from '../../data-plane/moves/slot.js';
import { streamNames } from '../../data-plane/moves/stream-names.js';
import { isSubscribed } from '../../data-plane/moves/subscription.js';
import type { Runtime } from '../runtime.js';
import { catchUp } from './catch-up.js';
import { copyStep } from './copy-step.js';
import { hasReached, type Moving, moveIn, refreshMove, runOf, withEnds } from './moving.js';
import { changeMove, type Move } from './store.js';
import { beginStream, endStream, reconnectStream } from './streams.js';
import { switchAhead } from './switch-ahead.js';

const SLOT_WAIT_MS = 600_000;

/**
 * Waits until the stream has caught up and little is left to compare; then prepares the stream back, which runs when the home has
 * switched. It is made before the fence, because Postgres waits for every transaction of the other cell first: what the forward
 * stream brings there has an origin, and does not come back.
 */
export const followStep = async (runtime: Runtime, moving: Moving): Promise<void> => {
  if (hasReached(moveIn(moving), 'flipped')) return;
  await copyAgainIfNeeded(runtime, moving);
  if (hasReached(moveIn(moving), 'flipped')) return;
  await reconnect(runtime, moveIn(moving));
  const seen = await catchUpOrCopy(runtime, moving);
  if (seen === undefined) return;
  const move = moveIn(moving);
  const { control } = runtime;
  const run = runOf(move);
  await changeMove(control, move, move.state, { seen });
  runtime.reached('caught-up');

  const back = { from: move.destination, to: move.source };
  if (move.returnStream !== null) await endStream(runtime, run, back, move.returnStream);
  const name = streamNames(run, move.isRollback ? 'there' : 'back').slot;
  await endStream(runtime, run, back, name);
  await withEnds(runtime, move, async ({ source, destination }, ends) => {
    await setMoveWork(destination, run, { underWay: true, tracks: true, locksSchema: true });
    const clinicIds = await clinicsIn(source, move.tenantId);
    const tables = await streamedTables(destination, { tenantId: move.tenantId, clinicIds });
    const published = { name, tenantId: move.tenantId, tables };
    const slot = await openStream(ends.destination, destination, published, { waitMs: SLOT_WAIT_MS });
    await slot.close();
  });
  runtime.reached('return-slot-made');
  await beginStream(runtime, run, back, { name, enabled: false });
  await changeMove(control, move, move.state, { returnStream: name });
  await refreshMove(runtime, moving);
};

const reconnect = async (runtime: Runtime, { id, source, destination, stream }: Move): Promise<void> => {
  if (stream === null) throw new RingfenceError('internal', 'a move that follows has no stream');
  await reconnectStream(runtime, id, { from: source, to: destination }, stream);
};

/**
 * Copies anew where the stream cannot bring everything: its server has given up a slot that kept too much WAL, a cell came back from an
 * earlier copy, or the tenant has clinics or tables by now that it had not when the stream began.
 */
const copyAgainIfNeeded = async (runtime: Runtime, moving: Moving): Promise<void> => {
  const move = moveIn(moving);
  const why = await withEnds(runtime, move, async ({ source, destination }) => {
    await requireSameSchema(source, destination, move.destination);
    const slots = await readSlots(source, move.stream ?? '');
    const isKept = slots.some(({ walStatus }) => walStatus !== 'lost');
    if (!isKept || !(await isSubscribed(destination, move.stream ?? ''))) return 'the stream was lost';
    const clinicIds = await clinicsIn(source, move.tenantId);
    const tables = await streamedTables(source, { tenantId: move.tenantId, clinicIds });
    if (!(await isPublished(source, move.stream ?? '', tables, clinicIds)))
      return 'clinics or tables have come since the stream began';
    return (await isRewritten(source, move.tenantId))
      ? 'tables were emptied or rewritten since the stream began'
      : undefined;
  });
  if (why !== undefined) await copyAgain(runtime, moving, why);
};

/** Or switches at once, where a copy would delete what the home has lost. */
const copyAgain = async (runtime: Runtime, moving: Moving, why: string): Promise<void> => {
  if (!moving.how.mayLose && (await switchAhead(runtime, moving))) return;
  const move = moveIn(moving);
  moving.onProgress(`${why}: the rows are copied again`);
  const state = move.state === 'fenced' ? 'following' : move.state;
  if (state !== move.state) await changeMove(runtime.control, move, move.state, { state });
  await changeMove(runtime.control, move, state, { state: 'copying' });
  await refreshMove(runtime, moving);
  await copyStep(runtime, moving);
};

/**
 * Compares the audit chain from its beginning: every write is in it, so an end that came back from an earlier copy, with a stream that
 * takes what it has not got for sent, is found before the fence.
 * @returns the last event that is equal at both ends; undefined where they differ.
 */
const catchUpWhole = (runtime: Runtime, move: Move): Promise<number | undefined> =>
  withEnds(runtime, move, (clients) => catchUp(clients, runOf(move), { seen: 0, stream: move.stream ?? '' }));

/**
 * @returns the last event that is equal at both ends; undefined where the home has switched already.
 * @throws RingfenceError `move_failed` where they differ after a copy too.
 */
const catchUpOrCopy = async (runtime: Runtime, moving: Moving): Promise<number | undefined> => {
  const seen = await catchUpWhole(runtime, moveIn(moving));
  if (seen !== undefined) return seen;
  await copyAgain(runtime, moving, 'the other end lacks something of what it was sent');
  if (hasReached(moveIn(moving), 'flipped')) return undefined;
  const again = await catchUpWhole(runtime, moveIn(moving));
  if (again !== undefined) return again;
  throw new RingfenceError('move_failed', 'the audit logs of the two ends are not the same', {
    fix: 'the tenant works on where it was: give the move up with `ringfence operations abort`, and look with `ringfence audit verify`',
  });
};
