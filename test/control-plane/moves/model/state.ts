import {
  type Fence,
  MOVE_STATES,
  MOVE_TABLE,
  type MoveState,
} from '../../../../control-plane/moves/states.js';

/** The two cells. A move goes from 0 to 1 first; later ones, and rollbacks, may go the other way. */
export type CellNumber = 0 | 1;

/** What a cell's database has of the tenant. Sets of writes are bit masks. */
export interface Cell {
  readonly fence: Fence;
  readonly epoch: number;
  /** The highest attempt that took the tenant over here. 0 where none did. */
  readonly attempt: number;
  /** Writes whose row is there. */
  readonly rows: number;
  /** Writes whose row came a second time. */
  readonly doubled: number;
  /** The application that holds the row lock of the ledger, counted from 1. 0 where none does. */
  readonly lock: number;
  /** The last marker that arrived here by a stream. */
  readonly marker: number;
}

/** The stream out of a cell into the other. */
export interface Stream {
  readonly hasSlot: boolean;
  /** Changes since the slot was made that did not arrive yet, in the order of their commits. */
  readonly queue: readonly number[];
  readonly subscription: 'none' | 'disabled' | 'enabled';
}

/**
 * Where an application stands between two statements: outside a transaction, in a reading or a writing one, or at its commit.
 * `admitted` and `looked` are of mutants, which do in two steps what must be one.
 */
const TRANSACTIONS = ['none', 'admitted', 'reading', 'writing', 'looked', 'checked'] as const;

export interface Application {
  /** The cached route. `undefined` once it was refused. */
  readonly cell: CellNumber | undefined;
  readonly epoch: number;
  readonly transaction: (typeof TRANSACTIONS)[number];
  readonly acknowledged: number;
}

/** A process that works on the move; also one that others took over from, and that does not know it. */
export interface Mover {
  readonly attempt: number;
  readonly phase: MoveState;
  /** The next statement of the phase. -2 and -1 take over the source and the destination. */
  readonly step: number;
  readonly source: CellNumber;
  readonly isRollback: boolean;
  readonly epoch: number;
  /** What the snapshot of its slot shows. */
  readonly snapshot: number;
  /** How often it gave up a fence. */
  readonly reopened: number;
}

/** What the control database says. */
export interface Control {
  readonly phase: MoveState;
  readonly attempt: number;
  readonly source: CellNumber;
  readonly isRollback: boolean;
  /** The epoch of the route. */
  readonly epoch: number;
}

export interface State {
  readonly control: Control;
  readonly cells: readonly [Cell, Cell];
  /** By the cell where they begin. */
  readonly streams: readonly [Stream, Stream];
  readonly applications: readonly Application[];
  /** In the order of their attempts; only the last may be the one that the control database knows. */
  readonly movers: readonly Mover[];
}

export const other = (cell: CellNumber): CellNumber => (cell === 0 ? 1 : 0);

/** The cell that the route leads to. */
export const homeOf = ({ phase, source }: Control): CellNumber =>
  MOVE_TABLE[phase].route === 'source' ? source : other(source);

const NO_STREAM: Stream = { hasSlot: false, queue: [], subscription: 'none' };

/** A tenant at home in cell 0 with epoch 1, and the first move just recorded. */
export const initialState = (applications: number): State => {
  const nothing = { epoch: 0, attempt: 0, rows: 0, doubled: 0, lock: 0, marker: 0 };
  const control: Control = { phase: 'preparing', attempt: 1, source: 0, isRollback: false, epoch: 1 };
  return {
    control,
    cells: [
      { ...nothing, fence: 'open', epoch: 1 },
      { ...nothing, fence: 'closed' },
    ],
    streams: [NO_STREAM, NO_STREAM],
    applications: Array.from({ length: applications }, () => ({
      cell: 0,
      epoch: 1,
      transaction: 'none',
      acknowledged: 0,
    })),
    movers: [moverOf(control)],
  };
};

/** A process that begins to work on the move as the control database has it. */
export const moverOf = (control: Control): Mover => ({ ...control, step: -2, snapshot: 0, reopened: 0 });

export const withCell = (state: State, at: CellNumber, change: Partial<Cell>): State => {
  const [first, second] = state.cells;
  return {
    ...state,
    cells: at === 0 ? [{ ...first, ...change }, second] : [first, { ...second, ...change }],
  };
};

export const withStream = (state: State, from: CellNumber, change: Partial<Stream>): State => {
  const [first, second] = state.streams;
  return {
    ...state,
    streams: from === 0 ? [{ ...first, ...change }, second] : [first, { ...second, ...change }],
  };
};

const FENCE_CODES: Readonly<Record<Fence, number>> = { open: 0, draining: 1, 'read-only': 2, closed: 3 };
const SUBSCRIPTION_CODES: Readonly<Record<Stream['subscription'], number>> = {
  none: 0,
  disabled: 1,
  enabled: 2,
};
const PHASE_CODES = Object.fromEntries(MOVE_STATES.map((phase, code) => [phase, code])) as Record<
  MoveState,
  number
>;
const TRANSACTION_CODES = Object.fromEntries(TRANSACTIONS.map((name, code) => [name, code])) as Record<
  Application['transaction'],
  number
>;

/** The state as a string; two states have the same one if they are the same. */
export const encode = ({ control, cells, streams, applications, movers }: State): string => {
  const codes = [
    PHASE_CODES[control.phase],
    control.attempt,
    control.source * 2 + Number(control.isRollback),
    control.epoch,
  ];
  for (const { fence, epoch, attempt, rows, doubled, lock, marker } of cells)
    codes.push(FENCE_CODES[fence], epoch, attempt, rows, doubled, lock, marker);
  for (const { hasSlot, queue, subscription } of streams)
    codes.push(Number(hasSlot) * 4 + SUBSCRIPTION_CODES[subscription], queue.length, ...queue);
  for (const { cell, epoch, transaction, acknowledged } of applications)
    codes.push((cell ?? 2) * 8 + TRANSACTION_CODES[transaction], epoch, acknowledged);
  for (const { attempt, phase, step, source, isRollback, epoch, snapshot, reopened } of movers)
    codes.push(
      attempt,
      PHASE_CODES[phase],
      step + 2,
      source * 4 + Number(isRollback) * 2 + reopened,
      epoch,
      snapshot,
    );
  return String.fromCharCode(...codes);
};
