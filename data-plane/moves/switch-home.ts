import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import { RingfenceError } from '../../core/errors.js';
import { arrive, awaitEmpty, type Drained, drain, type Inside, setFence } from './fence.js';
import type { MoveRun } from './move-run.js';

/** Connections of the administrator to the two ends. Those whose `pipeline` is on save round trips. */
export interface MoveClients {
  readonly source: pg.Client;
  readonly destination: pg.Client;
}

export interface SwitchOptions {
  /** Of the placement that becomes the home. */
  readonly epoch: number;
  /** The last event of the audit chain that was compared before. */
  readonly seen: number;
  /** How long the fence waits for transactions that are in. */
  readonly drainMs: number;
  /** How long the last rows may take to the destination. */
  readonly arriveMs: number;
  /** How often a fence that was opened again, because somebody was in for too long, is drawn anew. */
  readonly tries: number;
  /** The pause before that. */
  readonly retryMs: number;
  /** The home is the destination from its commit on. What it throws may or may not have happened. */
  readonly flip: () => Promise<void>;
  /** Opens the source again by a new connection: the one that drew the fence may be lost. */
  readonly reopen: () => Promise<void>;
  /** Both ends are closed and equal: a test or a check looks at them. */
  readonly onClosed?: () => Promise<void>;
  /** The destination is open. What it throws changes nothing of that. */
  readonly onOpened?: () => Promise<void>;
  readonly reached: (point: SwitchPoint) => void;
}

/** In their order. A test may kill the process at each. */
export const SWITCH_POINTS = ['fenced', 'arrived', 'closed', 'flipped', 'opened'] as const;
type SwitchPoint = (typeof SWITCH_POINTS)[number];

/** The switch, as its mover saw it. */
export interface Switched {
  /** From the fence to the opening of the new home. */
  readonly pauseMs: number;
  /** To the moment at which nobody wrote any more. */
  readonly drainMs: number;
  /** From there until all had arrived and was found equal. */
  readonly arriveMs: number;
  /** Rows that were compared behind the fence. */
  readonly comparedRows: number;
  /** Fences that were opened again. */
  readonly reopened: number;
}

/**
 * Makes the destination the home: fence, drain, compare, close, flip, open (docs/moves.md). Until the flip everything that goes wrong
 * opens the source again, by the epoch that it has. From the flip on the source stays closed.
 * @throws RingfenceError `tenant_busy` where transactions are in for too long each time; `move_failed` where the last rows differ
 * or do not arrive; `move_superseded`; what `flip` throws, and then only the control database knows where the home is.
 */
export const switchHome = async (
  clients: MoveClients,
  run: MoveRun,
  options: SwitchOptions,
): Promise<Switched> => {
  await warmUp(clients, run, options.seen);
  for (let reopened = 0; ; reopened++) {
    const startedMs = performance.now();
    let inside: readonly Inside[];
    try {
      const drained = await fence(clients, run, options);
      if ('changes' in drained) {
        const drainedMs = performance.now();
        await bringOver(clients, run, drained, options);
        const arrivedMs = performance.now();
        options.reached('arrived');
        inside = await close(clients, run, options);
        if (inside.length === 0) {
          await options.onClosed?.();
          return await finish(clients, run, options, {
            startedMs,
            drainMs: drainedMs - startedMs,
            arriveMs: arrivedMs - drainedMs,
            comparedRows: drained.changedRows,
            reopened,
          });
        }
      } else inside = drained;
    } catch (error) {
      if (error instanceof FlipFailed) throw error.cause;
      await options.reopen();
      throw error;
    }
    await options.reopen();
    if (reopened + 1 >= options.tries) throw stillInside(inside, options);
    await pause(options.retryMs);
  }
};

/** Has both sessions read and plan what they do behind the fence, so that nobody waits for that. Changes nothing. */
const warmUp = async (
  { source, destination }: MoveClients,
  { tenantId }: MoveRun,
  seen: number,
): Promise<void> => {
  for (const client of [source, destination]) await client.query('SET jit = off');
  const { rows } = await source.query<Pick<Drained, 'changes' | 'carried'>>(
    `SELECT ringfence_private.changes($1, $2)::text AS changes, ringfence_private.carried($1)::text AS carried,
            (SELECT count(*) FROM ringfence_private.inside($1, true))`,
    [tenantId, seen],
  );
  await destination.query('BEGIN');
  await destination.query('SELECT ringfence_private.put_carried($1, $2)', [tenantId, rows[0]?.carried]);
  await destination.query('SELECT ringfence_private.differing($1, $2)', [tenantId, rows[0]?.changes]);
  await destination.query('ROLLBACK');
};

class FlipFailed extends Error {}

const fence = async (
  { source }: MoveClients,
  run: MoveRun,
  { seen, drainMs, reached }: SwitchOptions,
): Promise<Drained | readonly Inside[]> => {
  const fenced = setFence(source, run, 'draining');
  const drained = drain(source, run, { marker: markerOf(run), seen, waitMs: drainMs });
  drained.catch(() => undefined);
  await fenced;
  reached('fenced');
  return drained;
};

/** Each fence has a marker of its own: one that arrives late proves nothing of a later fence. */
const markers = new WeakMap<MoveRun, string>();
const markerOf = (run: MoveRun): string => {
  const marker = randomUUID();
  markers.set(run, marker);
  return marker;
};

const bringOver = async (
  { destination }: MoveClients,
  run: MoveRun,
  drained: Drained,
  { arriveMs }: SwitchOptions,
): Promise<void> => {
  const marker = markers.get(run) ?? '';
  const differs = await arrive(destination, run, { marker, drained, waitMs: arriveMs });
  if (differs === undefined)
    throw new RingfenceError('move_failed', `the last changes did not arrive within ${arriveMs} ms`, {
      fix: 'the tenant works on where it was: look whether both servers reach each other, then `ringfence operations resume`',
    });
  if (differs.length > 0)
    throw new RingfenceError(
      'move_failed',
      `what changed in ${differs.join(', ')} is not the same at both ends`,
      {
        fix: 'the tenant works on where it was: give the move up with `ringfence operations abort`',
      },
    );
};

const close = async (
  { source }: MoveClients,
  run: MoveRun,
  { drainMs, reached }: SwitchOptions,
): Promise<readonly Inside[]> => {
  const closed = setFence(source, run, 'closed');
  const inside = awaitEmpty(source, run, drainMs);
  inside.catch(() => undefined);
  await closed;
  reached('closed');
  return inside;
};

const finish = async (
  { destination }: MoveClients,
  run: MoveRun,
  { flip, epoch, onOpened, reached }: SwitchOptions,
  { startedMs, ...found }: Omit<Switched, 'pauseMs'> & { readonly startedMs: number },
): Promise<Switched> => {
  try {
    await flip();
    reached('flipped');
    await setFence(destination, run, 'open', epoch);
    await onOpened?.();
  } catch (cause) {
    throw new FlipFailed('', { cause });
  }
  const pauseMs = performance.now() - startedMs;
  reached('opened');
  return { ...found, pauseMs };
};

const stillInside = (inside: readonly Inside[], { drainMs, tries }: SwitchOptions): RingfenceError => {
  const who = inside
    .slice(0, 3)
    .map(({ pid, since }) => (pid === null ? 'a prepared transaction' : `process ${pid} since ${since}`));
  return new RingfenceError(
    'tenant_busy',
    `transactions of the tenant went on for longer than ${drainMs} ms, at each of ${tries} tries: ${who.join('; ')}`,
    {
      fix: 'the tenant works on where it was: resume the move when they are over, or with a longer --drain-ms',
    },
  );
};
