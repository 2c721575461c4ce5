import { RingfenceError } from '../../core/errors.js';
import { withConnection } from '../../data-plane/database/connect.js';
import { setMoveWork } from '../../data-plane/moves/move-run.js';
import { takeOut } from '../removal/take-out.js';
import type { Runtime } from '../runtime.js';
import { takeBackPlacement } from '../tenants/placements.js';
import { getTenant } from '../tenants/store.js';
import { claimCell, deployWithout, dropWraps } from './leave-cell.js';
import { epochThere, isEnrolledIn, knowsLaterRun } from './look-there.js';
import { manifestOf } from './moved-manifest.js';
import { runOf, takeOver, takeOverSource } from './moving.js';
import { openFence } from './open-fence.js';
import { isAbortable } from './states.js';
import { changeMove, findOpenMove, type Move, returnMove } from './store.js';
import { endStream, endStreams } from './streams.js';

/** A move, or a rollback, that is given up. */
interface GivenUp {
  readonly slug: string;
  readonly move: Move;
}

/**
 * Lets the source work again, first of all and without the destination, which may be what is broken; what was made for the move goes
 * afterwards.
 * @throws RingfenceError `conflict` from the flip on: then the tenant is at home in the destination.
 */
export const openSource = async (runtime: Runtime, { move }: GivenUp): Promise<Move> => {
  const there = await homeThere(runtime, move);
  if (there !== undefined || (!isAbortable(move.state) && move.state !== 'aborting'))
    throw new RingfenceError('conflict', `the home is cell ${move.destination} already`, {
      fix: `go on with \`ringfence operations resume ${move.id}\`; then \`ringfence operations rollback ${move.id}\` brings the tenant back`,
    });
  const taken = await takeOverSource(runtime, move);
  if (move.state !== 'aborting') await changeMove(runtime.control, taken, move.state, { state: 'aborting' });
  const source = await runtime.target.adminConnection(move.source);
  await withConnection(source, (client) => openFence(runtime, client, runOf(taken)));
  const opened = (await isEnrolledIn(runtime, move, move.destination))
    ? await takeOver(runtime, { ...taken, state: 'aborting' })
    : taken;
  await withConnection(source, (client) =>
    setMoveWork(client, runOf(opened), {
      underWay: move.isRollback,
      tracks: move.isRollback,
      locksSchema: false,
    }),
  );
  return opened;
};

/**
 * The epoch by which the destination is the home already; undefined where it is not.
 * @throws RingfenceError `database_unavailable` where only a destination that does not answer could tell.
 */
export const homeThere = (runtime: Runtime, move: Move): Promise<number | undefined> =>
  epochThere(runtime, move).catch(() => whereSourceIsSure(runtime, move));

const whereSourceIsSure = async (runtime: Runtime, move: Move): Promise<undefined> => {
  if (!(await knowsLaterRun(runtime, move))) return;
  throw new RingfenceError(
    'database_unavailable',
    `cell ${move.destination} does not answer, and cell ${move.source} knows more of the move than the control database, which came back from an earlier state: the tenant may be at home in ${move.destination}`,
    {
      fix: `bring it up first, \`ringfence cells up ${move.destination}\`, then \`ringfence control reconcile\``,
    },
  );
};

/** Undoes the streams of a move. Idempotent. */
export const undoCopy = async (runtime: Runtime, { slug }: { slug: string }): Promise<void> => {
  const move = await openMoveOf(runtime, slug);
  if (move === undefined) return;
  const opened = await openSource(runtime, { slug, move });
  const run = runOf(opened);
  await endStreams(
    runtime,
    opened.id,
    [opened.source, opened.destination].map((cell) => ({ cell, run })),
  );
};

/** Undoes the streams, the rows and the enrolment of a move. Idempotent. */
export const undoDeploy = async (
  runtime: Runtime,
  { slug, operation }: { slug: string; operation: string },
): Promise<void> => {
  const move = await openMoveOf(runtime, slug);
  if (move === undefined) return;
  const tenant = await getTenant(runtime.control, slug);
  if (await isEnrolledIn(runtime, move, move.destination)) await undoCopy(runtime, { slug });
  await takeOut(runtime, tenant, move.destination, {
    run: await claimCell(runtime, tenant, move.destination, operation),
  });
  await dropWraps(runtime, tenant, move.destination);
  await deployWithout(runtime, tenant, await manifestOf(runtime, slug), {
    cell: move.destination,
    operation,
    recover: true,
  });
};

/** Undoes all of a move. A step of an earlier run may have done more than this one has begun. Idempotent. */
export const undoRecord = async (
  runtime: Runtime,
  { slug, operation }: { slug: string; operation: string },
): Promise<void> => {
  if ((await openMoveOf(runtime, slug)) === undefined) return;
  await undoDeploy(runtime, { slug, operation });
  const move = await openMoveOf(runtime, slug);
  if (move === undefined) return;
  await takeBackPlacement(runtime.control, move.id);
  if (move.state !== 'aborting') await changeMove(runtime.control, move, move.state, { state: 'aborting' });
  await changeMove(runtime.control, move, 'aborting', { state: 'aborted', stream: null, returnStream: null });
};

/** Gives a rollback up: the home stays where it is, and its window goes on. Idempotent. */
export const undoTurn = async (runtime: Runtime, { slug }: { slug: string }): Promise<void> => {
  const move = await openMoveOf(runtime, slug);
  if (!move?.isRollback) return;
  const opened = await openSource(runtime, { slug, move });
  if (opened.returnStream !== null)
    await endStream(
      runtime,
      runOf(opened),
      { from: opened.destination, to: opened.source },
      opened.returnStream,
    );
  // As the window has it: the old home follows, and nothing is locked.
  if (await isEnrolledIn(runtime, opened, opened.destination))
    await withConnection(await runtime.target.adminConnection(opened.destination), (client) =>
      setMoveWork(client, runOf(opened), { underWay: true, tracks: false, locksSchema: false }),
    );
  await returnMove(runtime.control, opened);
};

const openMoveOf = async ({ control }: Runtime, slug: string): Promise<Move | undefined> =>
  findOpenMove(control, (await getTenant(control, slug)).id);
