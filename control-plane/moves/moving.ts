import type pg from 'pg';
import { RingfenceError } from '../../core/errors.js';
import { type Connection, withConnection } from '../../data-plane/database/connect.js';
import { lastAttempt, type MoveRun, takeOverCell } from '../../data-plane/moves/move-run.js';
import type { LoadedManifest } from '../../manifest/index.js';
import type { Runtime } from '../runtime.js';
import type { RegisteredTenant } from '../tenants/store.js';
import { epochThere } from './look-there.js';
import { openFence } from './open-fence.js';
import type { MoveState } from './states.js';
import { changeMove, findMove, type Move, takeMove } from './store.js';

/** What the steps of a move share. */
export interface Moving {
  readonly tenant: RegisteredTenant;
  /** As it is deployed when the destination is the home. */
  readonly manifest: LoadedManifest;
  /** The cell that it moves into. */
  readonly destination: string;
  readonly windowHours: number;
  /** How the move is to be done. */
  readonly how: MoveLimits;
  readonly onProgress: (line: string) => void;
  /** As it was recorded last; the first step that needs it records it. */
  move: Move | undefined;
}

export interface MoveLimits {
  /** How long a fence waits for transactions that are in. */
  readonly drainMs: number;
  /** The pace of the copy; as fast as it goes without one. */
  readonly copyBytesPerSecond?: number | undefined;
  /** Whether a copy may delete writes that only the destination has. */
  readonly mayLose?: boolean | undefined;
}

export const moveIn = ({ move }: Moving): Move => {
  if (move) return move;
  throw new RingfenceError('internal', 'the move is not recorded yet');
};

/** Reads it again: a step has changed it. */
export const refreshMove = async ({ control }: Runtime, moving: Moving): Promise<Move> => {
  moving.move = await findMove(control, moveIn(moving).id);
  return moveIn(moving);
};

export const runOf = ({ id, tenantId, attempt }: Move): MoveRun => ({ moveId: id, tenantId, attempt });

/** The administrator's connections to both ends; without waiting for answers to earlier statements. */
export const withEnds = async <T>(
  { target }: Runtime,
  { source, destination }: Pick<Move, 'source' | 'destination'>,
  work: (
    clients: { readonly source: pg.Client; readonly destination: pg.Client },
    ends: MoveEnds,
  ) => Promise<T>,
): Promise<T> => {
  const ends = {
    source: await target.adminConnection(source),
    destination: await target.adminConnection(destination),
  };
  return withConnection({ ...ends.source, pipeline: true }, (from) =>
    withConnection({ ...ends.destination, pipeline: true }, (to) =>
      work({ source: from, destination: to }, ends),
    ),
  );
};

export interface MoveEnds {
  readonly source: Connection;
  readonly destination: Connection;
}

/**
 * Makes this run the only one that changes something, at both ends and in the control database. The tenant is enrolled at both.
 * @returns the move with the run's attempt.
 */
export const takeOver = async (runtime: Runtime, move: Move): Promise<Move> =>
  withEnds(runtime, move, async ({ source, destination }) => {
    const seen = Math.max(
      await lastAttempt(source, move.tenantId),
      await lastAttempt(destination, move.tenantId),
    );
    const taken = { ...move, attempt: await takeMove(runtime.control, move.id, seen) };
    await takeOverCell(source, runOf(taken));
    await takeOverCell(destination, runOf(taken));
    if (taken.state !== 'fenced' || (await epochThere(runtime, move)) !== undefined) return taken;
    // What goes before the switch takes its time, and nobody knows how far a fence that is found had come.
    await openFence(runtime, source, runOf(taken));
    await changeMove(runtime.control, taken, 'fenced', { state: 'following' });
    return { ...taken, state: 'following' };
  });

/** As `takeOver`, at the source alone: what opens the source again needs nothing of the other end. */
export const takeOverSource = async ({ control, target }: Runtime, move: Move): Promise<Move> =>
  withConnection(await target.adminConnection(move.source), async (client) => {
    const taken = {
      ...move,
      attempt: await takeMove(control, move.id, await lastAttempt(client, move.tenantId)),
    };
    await takeOverCell(client, runOf(taken));
    return taken;
  });

const ORDER = ['preparing', 'copying', 'following', 'fenced', 'flipped', 'open', 'window'] as const;

/** Whether a move has come as far as a state already. */
export const hasReached = ({ state }: Pick<Move, 'state'>, wanted: (typeof ORDER)[number]): boolean => {
  const at = (ORDER as readonly MoveState[]).indexOf(state);
  return at >= ORDER.indexOf(wanted);
};
