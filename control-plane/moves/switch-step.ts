import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import { RingfenceError } from '../../core/errors.js';
import { withConnection } from '../../data-plane/database/connect.js';
import { differingTables } from '../../data-plane/moves/compare-rows.js';
import { setMoveWork } from '../../data-plane/moves/move-run.js';
import { clinicsIn, isRewritten, streamedTables } from '../../data-plane/moves/publication.js';
import { enableSubscription } from '../../data-plane/moves/subscription.js';
import { SWITCH_POINTS, switchHome } from '../../data-plane/moves/switch-home.js';
import type { Runtime } from '../runtime.js';
import { catchUp } from './catch-up.js';
import { hasReached, type Moving, moveIn, refreshMove, runOf, withEnds } from './moving.js';
import { openHome } from './open-fence.js';
import { reopenSource } from './reopen-source.js';
import {
  announceMove,
  announceOpening,
  changeMove,
  flipClosedHome,
  type Move,
  type MoveReport,
  nextEpoch,
} from './store.js';
import { endStream } from './streams.js';

const ARRIVE_MS = 30_000;
/**
 * What follows the switch takes processors from those who have waited for it: they go first. As long as a snapshot may be kept before
 * `enter` refuses it: the session at the source keeps such out (migration 0012).
 */
const WAITED_FIRST_MS = 2_000;
const TRIES = 5;
const RETRY_MS = 1_000;

/** Points within the switch, in their order. */
export const SWITCH_STEP_POINTS: readonly string[] = [
  ...SWITCH_POINTS,
  'compared-again',
  'stream-ended',
  'return-begun',
];

/** Switches the home behind a fence, compares every row once more, and lets the stream run back. */
export const switchStep = async (runtime: Runtime, moving: Moving): Promise<void> => {
  const move = moveIn(moving);
  if (hasReached(move, 'open')) return;
  const report = hasReached(move, 'flipped')
    ? await openAgain(runtime, move)
    : await cutOver(runtime, moving, move);
  runtime.reached('compared-again');
  if (move.stream !== null)
    await endStream(runtime, runOf(move), { from: move.source, to: move.destination }, move.stream);
  runtime.reached('stream-ended');
  await withEnds(runtime, move, async ({ source, destination }) => {
    await setMoveWork(source, runOf(move), { underWay: true, tracks: false, locksSchema: false });
    await setMoveWork(destination, runOf(move), { underWay: true, tracks: true, locksSchema: false });
    if (move.returnStream !== null) await enableSubscription(source, runOf(move), move.returnStream);
  });
  runtime.reached('return-begun');
  await changeMove(runtime.control, move, 'flipped', { state: 'open', report });
  await refreshMove(runtime, moving);
};

/** A run was killed behind the flip: the home is the destination, whatever it had opened. */
const openAgain = async (runtime: Runtime, move: Move): Promise<MoveReport> => {
  await withEnds(runtime, move, (clients) => openHome(runtime, clients, runOf(move)));
  return { checkedAfterwards: false };
};

const cutOver = async (runtime: Runtime, moving: Moving, move: Move): Promise<MoveReport> => {
  const { control } = runtime;
  if (move.state !== 'fenced') await changeMove(control, move, move.state, { state: 'fenced' });
  const epoch = await nextEpoch(control, move);
  await announceMove(control, move);
  let isFenced = false;
  const cut = withEnds(runtime, move, (clients, ends) =>
    withConnection({ ...ends.destination, pipeline: true }, async (snapshot) => {
      // Much was written while the stream back was made; what is compared now is not compared behind the fence.
      const seen = await catchUp(clients, runOf(move), { seen: move.seen, stream: move.stream ?? '' });
      if (seen === undefined) throw chainsDiffer(move);
      if (await isRewritten(clients.source, move.tenantId)) throw rewritten(move);
      const switched = await switchHome(clients, runOf(move), {
        epoch,
        seen,
        drainMs: moving.how.drainMs,
        arriveMs: ARRIVE_MS,
        tries: TRIES,
        retryMs: RETRY_MS,
        flip: () =>
          flipClosedHome(control, move, epoch).catch((error: unknown) => {
            throw unconfirmed(move, error);
          }),
        reopen: async () => {
          await reopenSource(runtime, runOf(move), move.source);
          isFenced = false;
        },
        onClosed: () => keepSnapshot(snapshot),
        onOpened: () => announceOpening(control, move.tenantId),
        reached: (point) => {
          isFenced ||= point === 'fenced';
          runtime.reached(point);
        },
      });
      const { pauseMs, drainMs, arriveMs, comparedRows, reopened } = switched;
      await pause(WAITED_FIRST_MS);
      const clinicIds = await clinicsIn(clients.source, move.tenantId);
      const tables = await streamedTables(clients.source, { tenantId: move.tenantId, clinicIds });
      // The source has stood still since the fence, and the snapshot is from before anybody wrote at the destination.
      const differing = await differingTables(
        clients.source,
        snapshot,
        tables,
        moving.how.copyBytesPerSecond,
      );
      if (differing.length > 0) throw otherAfterwards(move, differing);
      await snapshot.query('COMMIT');
      return { pauseMs, drainMs, arriveMs, comparedRows, reopened, checkedAfterwards: true };
    }),
  );
  return cut.catch(async (error: unknown) => {
    // The worker goes on at once with what is recorded as fenced.
    if (!isFenced) await changeMove(control, move, 'fenced', { state: 'following' }).catch(() => undefined);
    throw error;
  });
};

const keepSnapshot = async (client: pg.Client): Promise<void> => {
  const begun = client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  await Promise.all([begun, client.query('SELECT')]);
};

/** Only the control database knows whether it has committed: the source stays closed. */
const unconfirmed = ({ id }: Move, cause: unknown): unknown =>
  cause instanceof RingfenceError && cause.code === 'move_superseded'
    ? cause
    : new RingfenceError(
        'move_failed',
        'the control database did not confirm the switch: the tenant is closed at both ends',
        {
          fix: `bring it up, \`ringfence cells up\`, then open the tenant at once: \`ringfence operations resume ${id}\``,
          cause,
        },
      );

const chainsDiffer = ({ id }: Move): RingfenceError =>
  new RingfenceError('move_failed', 'the audit logs of the two ends are not the same any more', {
    fix: `the tenant works on where it was: \`ringfence operations resume ${id}\` compares them again`,
  });

const rewritten = ({ id }: Move): RingfenceError =>
  new RingfenceError('move_failed', 'tenant tables were emptied or rewritten while the stream ran', {
    fix: `the tenant works on where it was: \`ringfence operations resume ${id}\` copies it again`,
  });

const otherAfterwards = ({ id, destination }: Move, tables: readonly string[]): RingfenceError =>
  new RingfenceError(
    'move_failed',
    `the home is cell ${destination} by now, and when it opened its rows of ${tables.join(', ')} were not those of the cell before`,
    {
      fix: `bring the tenant back: \`ringfence operations resume ${id}\`, then \`ringfence operations rollback ${id}\``,
    },
  );
