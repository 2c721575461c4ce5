import type { MoveState } from '../../../../control-plane/moves/states.js';
import { isInhabited } from './applications.js';
import type { Rules } from './rules.js';
import { type Mover, other, type State, withCell, withStream } from './state.js';
import { logged, markerChange, withoutRows, withRow } from './streams.js';

interface InCell {
  readonly name: string;
  /** A statement there takes effect for the attempt of that cell only. `neither` only looks. */
  readonly at: 'source' | 'destination' | 'neither';
  /** @returns undefined where it has to wait. */
  readonly run: (state: State, mover: Mover, rules: Rules) => State | undefined;
  /** The process knows the rows of the source from now on. */
  readonly takesSnapshot?: boolean;
  readonly isOfCopy?: boolean;
  readonly isOfPurge?: boolean;
}

/** The record of a new state, which is conditional on the attempt of the control database. */
interface InControl {
  readonly name: string;
  readonly at: 'control';
  readonly to: MoveState;
}

export type Statement = InCell | InControl;

const destinationOf = ({ source }: Mover) => other(source);

const record = (to: MoveState): InControl => ({ name: `records ${to}`, at: 'control', to });

/** Streams are named by their direction: the stream leads to the destination, the reverse one to the source. */
const dropSubscription: InCell = {
  name: 'drops the subscription',
  at: 'destination',
  run: (state, { source }) => withStream(state, source, { subscription: 'none' }),
};
const dropSlot: InCell = {
  name: 'drops the slot',
  at: 'source',
  run: (state, { source }) => withStream(state, source, { hasSlot: false, queue: [] }),
};
const dropReverseSubscription: InCell = {
  name: 'drops the reverse subscription',
  at: 'source',
  run: (state, mover) => withStream(state, destinationOf(mover), { subscription: 'none' }),
};
const dropReverseSlot: InCell = {
  name: 'drops the reverse slot',
  at: 'destination',
  run: (state, mover) => withStream(state, destinationOf(mover), { hasSlot: false, queue: [] }),
};
const makeSlot: InCell = {
  name: 'makes the slot',
  at: 'source',
  run: (state, { source }) => withStream(state, source, { hasSlot: true, queue: [] }),
};
const makeReverseSlot: InCell = {
  name: 'makes the reverse slot',
  at: 'destination',
  run: (state, mover) => withStream(state, destinationOf(mover), { hasSlot: true, queue: [] }),
};
const keepOrMakeReverseSlot: InCell = {
  ...makeReverseSlot,
  run: (state, mover, rules) =>
    state.streams[destinationOf(mover)].hasSlot ? state : makeReverseSlot.run(state, mover, rules),
};
const makeReverseSubscription: InCell = {
  name: 'makes the reverse subscription, disabled',
  at: 'source',
  run: (state, mover) => withStream(state, destinationOf(mover), { subscription: 'disabled' }),
};
const subscribe: InCell = {
  name: 'enables the subscription',
  at: 'destination',
  run: (state, { source }) => withStream(state, source, { subscription: 'enabled' }),
};
const subscribeReverse: InCell = {
  name: 'enables the reverse subscription',
  at: 'source',
  run: (state, mover) => withStream(state, destinationOf(mover), { subscription: 'enabled' }),
};
const clean: InCell = {
  name: 'deletes the rows at the destination',
  at: 'destination',
  isOfCopy: true,
  run: (state, mover) => withoutRows(state, destinationOf(mover)),
};
const purge: InCell = {
  name: 'deletes the rows at the source',
  at: 'source',
  isOfPurge: true,
  run: (state, { source }) => (state.cells[source].fence === 'closed' ? withoutRows(state, source) : state),
};
const copy: InCell = {
  name: 'copies',
  at: 'destination',
  isOfCopy: true,
  run: (state, mover, { copyReads }) => {
    const rows = copyReads === 'rows of the moment' ? state.cells[mover.source].rows : mover.snapshot;
    let copied = state;
    for (let write = 0; rows >> write > 0; write += 1)
      if ((rows >> write) & 1)
        copied = logged(withRow(copied, destinationOf(mover), write), destinationOf(mover), write);
    return copied;
  },
};
const enrol: InCell = {
  name: 'enrols the tenant, closed',
  at: 'destination',
  run: (state, mover) => withCell(state, destinationOf(mover), { fence: 'closed' }),
};
const fenceWrites: InCell = {
  name: 'begins to drain the source',
  at: 'source',
  run: (state, { source, epoch }, rules) =>
    withCell(state, source, { fence: 'draining', ...(rules.fenceKeepsEpoch ? {} : { epoch: epoch + 1 }) }),
};
const markerOf = ({ attempt, reopened }: Mover, rules: Rules): number =>
  rules.drain === 'any marker' ? 1 : attempt * 2 + reopened;
const barrier: InCell = {
  name: 'ends writing and writes the marker, under the lock of the ledger',
  at: 'source',
  run: (state, mover, rules) => {
    if (state.cells[mover.source].lock !== 0 && rules.barrierLocksLedger) return undefined;
    const ended = withCell(state, mover.source, { fence: 'read-only' });
    return logged(ended, mover.source, markerChange(markerOf(mover, rules)));
  },
};
const drain: InCell = {
  name: 'sees the marker at the destination',
  at: 'neither',
  run: (state, mover, rules) =>
    state.cells[destinationOf(mover)].marker === markerOf(mover, rules) ? state : undefined,
};
const seeNoLag: InCell = {
  name: 'sees no lag',
  at: 'neither',
  run: (state, { source }) => (state.streams[source].queue.length === 0 ? state : undefined),
};
const close: InCell = {
  name: 'closes the source',
  at: 'source',
  run: (state, { source }) => withCell(state, source, { fence: 'closed' }),
};
const waitForTransactions: InCell = {
  name: 'sees no transaction inside the source',
  at: 'neither',
  run: (state, { source }) => (isInhabited(state, source) ? undefined : state),
};
const openDestination: InCell = {
  name: 'opens the destination',
  at: 'destination',
  run: (state, mover) => withCell(state, destinationOf(mover), { fence: 'open', epoch: mover.epoch }),
};
const reopenSource: InCell = {
  name: 'opens the source again',
  at: 'source',
  run: (state, { source }) => withCell(state, source, { fence: 'open' }),
};

const DRAINS: Readonly<Record<Rules['drain'], readonly Statement[]>> = {
  'numbered marker': [barrier, drain],
  'any marker': [barrier, drain],
  'empty queue': [seeNoLag],
  nothing: [],
};

/** What gives up a fence. Nobody comes to it by going on. */
export const REOPENING: readonly Statement[] = [reopenSource, record('following')];

/** The statements that cost a writer the pause. */
export const fencing = (rules: Rules): readonly Statement[] => [
  fenceWrites,
  ...DRAINS[rules.drain],
  ...(rules.opens === 'after the flip' ? [] : [openDestination]),
  ...(rules.closes === 'before the flip' ? [close] : []),
  ...(rules.waitsForTransactions && rules.closes === 'before the flip' ? [waitForTransactions] : []),
  record('flipped'),
];

const copying = ({ copyReads, copyBeginsClean, reverseSlot }: Rules): readonly Statement[] => [
  dropSubscription,
  copyReads === 'snapshot before the slot' ? { ...dropSlot, takesSnapshot: true } : dropSlot,
  dropReverseSubscription,
  ...(reverseSlot === 'before the fence, kept from before' ? [] : [dropReverseSlot]),
  copyReads === 'snapshot of the slot' ? { ...makeSlot, takesSnapshot: true } : makeSlot,
  ...(copyBeginsClean ? [clean] : []),
  copy,
  subscribe,
  record('following'),
];

const following = ({ reverseSlot }: Rules): readonly Statement[] => {
  if (reverseSlot === 'after the destination is open') return [record('fenced')];
  const makes =
    reverseSlot === 'before the fence' ? [dropReverseSlot, makeReverseSlot] : [keepOrMakeReverseSlot];
  return [dropReverseSubscription, ...makes, makeReverseSubscription, record('fenced')];
};

const flipped = ({ opens, closes, reverseSlot, dropsStreamBeforePurge }: Rules): readonly Statement[] => [
  ...(opens === 'after the flip' ? [openDestination] : []),
  ...(closes === 'before the flip' ? [] : [close]),
  ...(dropsStreamBeforePurge ? [dropSubscription, dropSlot] : []),
  ...(reverseSlot === 'after the destination is open' ? [makeReverseSlot] : []),
  subscribeReverse,
  record('open'),
];

const aborting = ({ isRollback }: Mover): readonly Statement[] => [
  reopenSource,
  ...(isRollback
    ? [dropReverseSubscription, dropReverseSlot, record('window')]
    : [dropSubscription, dropSlot, dropReverseSubscription, dropReverseSlot, clean, record('aborted')]),
];

const programs = new WeakMap<Rules, Map<string, readonly Statement[]>>();

/** The statements of the state in which the process believes the move. */
export const programOf = (mover: Mover, rules: Rules): readonly Statement[] => {
  const known = programs.get(rules) ?? new Map<string, readonly Statement[]>();
  programs.set(rules, known);
  const name = mover.isRollback ? `${mover.phase}, back` : mover.phase;
  const program = known.get(name) ?? write(mover, rules);
  known.set(name, program);
  return program;
};

const write = (mover: Mover, rules: Rules): readonly Statement[] => {
  switch (mover.phase) {
    case 'preparing':
      return [enrol, record('copying')];
    case 'copying':
      return copying(rules);
    case 'following':
      return following(rules);
    case 'fenced':
      return [...fencing(rules), ...REOPENING];
    case 'flipped':
      return flipped(rules);
    case 'open':
      return [record('window')];
    case 'window':
      return [record('purging')];
    case 'purging':
      return [dropReverseSubscription, dropReverseSlot, purge, record('purged')];
    case 'aborting':
      return aborting(mover);
    case 'purged':
    case 'aborted':
      return [];
  }
};
