import type pg from 'pg';
import { RingfenceError } from '../../core/errors.js';
import { countEventsOnlyIn } from '../../data-plane/moves/chain-ahead.js';
import { copyRows } from '../../data-plane/moves/copy-rows.js';
import { type MoveRun, setMoveWork } from '../../data-plane/moves/move-run.js';
import { openStream } from '../../data-plane/moves/open-stream.js';
import { clinicsIn, streamedTables } from '../../data-plane/moves/publication.js';
import { readyForStreams } from '../../data-plane/moves/ready-for-streams.js';
import { requireSameSchema } from '../../data-plane/moves/same-schema.js';
import { streamNames } from '../../data-plane/moves/stream-names.js';
import { endStreamsFrom } from '../../data-plane/moves/streams-from.js';
import type { MoveClients } from '../../data-plane/moves/switch-home.js';
import type { Runtime } from '../runtime.js';
import { hasReached, type Moving, moveIn, refreshMove, runOf, withEnds } from './moving.js';
import { changeMove, type Move } from './store.js';
import { beginStream, endStreams, requireWays } from './streams.js';

/** Others' transactions may be that long; the tenant works on meanwhile. */
const SLOT_WAIT_MS = 600_000;

/**
 * Copies the tenant's rows as of the moment in which a stream of what changes begins, and lets it run. A run that was broken off
 * before the stream ran begins again from clean: its snapshot went with it.
 */
export const copyStep = async (runtime: Runtime, moving: Moving): Promise<void> => {
  if (hasReached(moveIn(moving), 'following')) return;
  const { control } = runtime;
  const move = moveIn(moving);
  await changeMove(control, move, move.state, { state: 'copying', stream: null, returnStream: null });
  const run = runOf(move);
  await endStreams(
    runtime,
    move.id,
    [move.source, move.destination].map((cell) => ({ cell, run })),
  );
  const name = streamNames(run, 'there').slot;
  await withEnds(runtime, move, async ({ source, destination }, ends) => {
    await readyForStreams(source, move.source);
    await readyForStreams(destination, move.destination);
    await requireWays(runtime, run, move);
    // The definitions are locked before they are compared.
    await holdDefinitions({ source, destination }, run, true);
    const letGo = async (error: unknown): Promise<never> => {
      await holdDefinitions({ source, destination }, run, false);
      throw error;
    };
    // What is missing there has to be made there.
    await requireSameSchema(source, destination, move.destination).catch(letGo);
    if (!moving.how.mayLose) await refuseToLose(source, destination, move);
    const clinicIds = await clinicsIn(source, move.tenantId);
    const tables = await streamedTables(source, { tenantId: move.tenantId, clinicIds });
    // Of moves that the control database has lost.
    await endStreamsFrom(source, move.tenantId);
    const published = { name, tenantId: move.tenantId, tables };
    // Whoever keeps the slot waiting keeps no migration waiting as well.
    const slot = await openStream(ends.source, source, published, {
      waitMs: SLOT_WAIT_MS,
      onPublished: () => runtime.reached('stream-published'),
    }).catch(letGo);
    try {
      runtime.reached('slot-made');
      const copied = await copyRows(ends.source, ends.destination, tables, {
        run,
        snapshot: slot.snapshot,
        bytesPerSecond: moving.how.copyBytesPerSecond,
        onTable: ({ table, rows }) => {
          runtime.reached('table-copied');
          if (rows > 0) moving.onProgress(`${table}: ${rows} rows`);
        },
      });
      runtime.reached('rows-copied');
      await beginStream(runtime, run, { from: move.source, to: move.destination }, { name, enabled: true });
      runtime.reached('stream-begun');
      await changeMove(control, move, 'copying', {
        state: 'following',
        stream: name,
        seen: copied.seen,
        report: {
          rows: copied.tables.reduce((sum, { rows }) => sum + rows, 0),
          bytes: copied.tables.reduce((sum, { bytes }) => sum + bytes, 0),
          copyMs: copied.copyMs,
          compareMs: copied.compareMs,
        },
      });
    } finally {
      await slot.close();
    }
  });
  await refreshMove(runtime, moving);
};

const holdDefinitions = async (
  { source, destination }: MoveClients,
  run: MoveRun,
  isHeld: boolean,
): Promise<void> => {
  const work = { underWay: true, locksSchema: isHeld };
  await setMoveWork(destination, run, { ...work, tracks: false });
  await setMoveWork(source, run, { ...work, tracks: isHeld });
};

/** The copy replaces what the destination has, which may be more than the home has: that one came back from an earlier state. */
const refuseToLose = async (source: pg.ClientBase, destination: pg.ClientBase, move: Move): Promise<void> => {
  const events = await countEventsOnlyIn(destination, source, move.tenantId);
  if (events === 0) return;
  throw new RingfenceError(
    'move_failed',
    `cell ${move.destination} has ${events} events of the tenant that its home, cell ${move.source}, has not: the home came back from an earlier state, and a copy would delete those writes`,
    {
      fix: `bring the home to its newest state, \`ringfence cells restore ${move.source}\`; where the writes may go, the same command with --accept-loss`,
    },
  );
};
