/**
 * What a cell lets in of a tenant: `open` every transaction; `draining` those that were begun as reading ones, while writing ones
 * that are inside may commit; `read-only` reading ones, and no writing one commits; `closed` none.
 */
const FENCES = ['open', 'draining', 'read-only', 'closed'] as const;
export type Fence = (typeof FENCES)[number];

const BEFORE_FLIP = ['preparing', 'copying', 'following', 'fenced'] as const;
const AFTER_FLIP = ['flipped', 'open', 'window', 'purging'] as const;

/** The states of a move between a source and a destination, as the control database records them. */
export const MOVE_STATES = [...BEFORE_FLIP, ...AFTER_FLIP, 'purged', 'aborting', 'aborted'] as const;
export type MoveState = (typeof MOVE_STATES)[number];

type StateBeforeFlip = (typeof BEFORE_FLIP)[number];
type StateAfterFlip = (typeof AFTER_FLIP)[number];

interface Crash {
  /** What may be left of the work when its process dies in this state. */
  readonly crashLeaves: string;
  /** What the next run does first. */
  readonly resume: string;
}

/**
 * The way out of a state: `abort` goes back as if nothing had been, `rollback` brings the tenant back with what was written since,
 * `onward` can only go on, `none` is an end.
 */
type MoveExit = 'abort' | 'rollback' | 'onward' | 'none';

/**
 * The route leads to the source, and the destination is closed. The lists of fences are what a cell may have while the control
 * database says this state: the state is recorded before its first statement.
 */
interface LeadsToSource<Exit extends MoveExit, Next> extends Crash {
  readonly route: 'source';
  readonly source: readonly Fence[];
  readonly destination: readonly ['closed'];
  readonly exit: Exit;
  readonly next: readonly Next[];
}

/** The route leads to the destination, and the source is closed. */
interface LeadsToDestination<Exit extends MoveExit, Next> extends Crash {
  readonly route: 'destination';
  readonly source: readonly ['closed'];
  readonly destination: readonly Fence[];
  readonly exit: Exit;
  readonly next: readonly Next[];
}

type MoveTable = Readonly<
  Record<StateBeforeFlip, LeadsToSource<'abort', StateBeforeFlip | 'flipped' | 'aborting'>> &
    Record<
      StateAfterFlip,
      LeadsToDestination<'rollback' | 'onward', StateAfterFlip | 'following' | 'purged'>
    > &
    Record<'purged', LeadsToDestination<'none', never>> &
    Record<'aborting', LeadsToSource<'onward', 'aborted' | 'window'>> &
    Record<'aborted', LeadsToSource<'none', never>>
>;

/**
 * The whole state machine of a move (docs/moves.md). A rollback is the same move with the roles exchanged: it begins in `following`,
 * as the rows are there already and the reverse stream has followed. One that is given up ends in the `window` where it began.
 */
export const MOVE_TABLE: MoveTable = {
  preparing: {
    route: 'source',
    source: ['open'],
    destination: ['closed'],
    exit: 'abort',
    next: ['copying', 'aborting'],
    crashLeaves: 'a placement that is arriving, perhaps a wrapped key and an enrolment without rows',
    resume: 'prepares again; what is there is kept',
  },
  copying: {
    route: 'source',
    source: ['open'],
    destination: ['closed'],
    exit: 'abort',
    next: ['following', 'aborting'],
    crashLeaves: 'a slot whose snapshot is gone, a part of the rows',
    resume: 'drops subscription and slots, deletes the rows at the destination, copies anew',
  },
  following: {
    route: 'source',
    source: ['open'],
    destination: ['closed'],
    exit: 'abort',
    next: ['copying', 'fenced', 'aborting'],
    crashLeaves: 'a stream that goes on, perhaps a reverse slot',
    resume: 'catches up again, makes the reverse slot anew; copies anew if the slot was lost',
  },
  fenced: {
    route: 'source',
    source: ['open', 'draining', 'read-only', 'closed'],
    destination: ['closed'],
    exit: 'abort',
    next: ['following', 'flipped', 'aborting'],
    crashLeaves: 'a source that takes no writes, perhaps no reads',
    resume: 'fences again with a new marker; trusts none of what was drained or compared before',
  },
  flipped: {
    route: 'destination',
    source: ['closed'],
    destination: ['closed', 'open'],
    exit: 'onward',
    next: ['open'],
    crashLeaves: 'two closed cells; the applications wait',
    resume: 'opens the destination, drops the stream, enables the reverse one',
  },
  open: {
    route: 'destination',
    source: ['closed'],
    destination: ['open'],
    exit: 'rollback',
    next: ['window', 'following'],
    crashLeaves: 'a tenant at work in its new home, perhaps without a backup there',
    resume: 'settles the state of the engine, takes the backup',
  },
  window: {
    route: 'destination',
    source: ['closed'],
    destination: ['open'],
    exit: 'rollback',
    next: ['purging', 'following'],
    crashLeaves: 'nothing unfinished; the reverse stream goes on',
    resume: 'waits for the end of the window',
  },
  purging: {
    route: 'destination',
    source: ['closed'],
    destination: ['open'],
    exit: 'onward',
    next: ['purged'],
    crashLeaves: 'a part of the rows at the source, which nobody can read',
    resume: 'drops the reverse stream, deletes the rest',
  },
  purged: {
    route: 'destination',
    source: ['closed'],
    destination: ['open'],
    exit: 'none',
    next: [],
    crashLeaves: 'nothing',
    resume: 'does nothing',
  },
  aborting: {
    route: 'source',
    source: ['open', 'draining', 'read-only', 'closed'],
    destination: ['closed'],
    exit: 'onward',
    next: ['aborted', 'window'],
    crashLeaves: 'a source that is perhaps fenced, parts of streams and rows at the destination',
    resume: 'opens the source, drops the streams, deletes the rows at the destination',
  },
  aborted: {
    route: 'source',
    source: ['open'],
    destination: ['closed'],
    exit: 'none',
    next: [],
    crashLeaves: 'nothing',
    resume: 'does nothing',
  },
};

export const mayMoveTransition = (from: MoveState, to: MoveState): boolean => {
  const next: readonly MoveState[] = MOVE_TABLE[from].next;
  return next.includes(to);
};

/** Whether an abort may still begin. From the flip on there is none. */
export const isAbortable = (state: MoveState): boolean => MOVE_TABLE[state].exit === 'abort';

export const isRollbackable = (state: MoveState): boolean => MOVE_TABLE[state].exit === 'rollback';

/** Whether nothing is left to do. */
export const isMoveOver = (state: MoveState): boolean => MOVE_TABLE[state].exit === 'none';
