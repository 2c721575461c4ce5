import { isMoveOver, type MoveState, mayMoveTransition } from '../../../../control-plane/moves/states.js';
import type { Rules } from './rules.js';
import { type Control, type Mover, other, type State, withCell } from './state.js';
import { fencing, programOf, REOPENING, type Statement } from './statements.js';

const withMover = (state: State, index: number, mover: Mover): State => ({
  ...state,
  movers: state.movers.map((one, at) => (at === index ? mover : one)),
});

const withoutMover = (state: State, index: number): State => ({
  ...state,
  movers: state.movers.filter((_one, at) => at !== index),
});

/** What a state means for the roles and the epoch when it is recorded. */
const recorded = (control: Control, to: MoveState): Control => {
  if (to === 'flipped') return { ...control, phase: to, epoch: control.epoch + 1, isRollback: false };
  const isRollbackGivenUp = control.phase === 'aborting' && to === 'window';
  return isRollbackGivenUp
    ? { ...control, phase: to, source: other(control.source), isRollback: false }
    : { ...control, phase: to };
};

const record = (state: State, index: number, mover: Mover, to: MoveState, rules: Rules): State => {
  const { control } = state;
  const isComparing = rules.flipComparesAttempts || to !== 'flipped';
  if (isComparing && (control.attempt !== mover.attempt || control.phase !== mover.phase))
    return withoutMover(state, index);
  if (!mayMoveTransition(mover.phase, to)) throw new Error(`no transition from ${mover.phase} to ${to}`);
  const next = recorded(control, to);
  if (!isMoveOver(to))
    return withMover({ ...state, control: next }, index, {
      ...mover,
      ...next,
      attempt: mover.attempt,
      step: 0,
      snapshot: 0,
    });
  const over = withoutMover({ ...state, control: next }, index);
  if (rules.attemptsStay) return over;
  return withCell(withCell(over, 0, { attempt: 0 }), 1, { attempt: 0 });
};

/** -2 and -1 raise the attempts in the source and the destination; a row with a higher one refuses. */
const takeOverCell = (state: State, index: number, mover: Mover, rules: Rules): State => {
  const cell = mover.step === -2 ? mover.source : other(mover.source);
  const isResumedLater = mover.step === -1 && mover.phase === 'fenced' && !rules.resumesFenceAnew;
  const step = isResumedLater
    ? fencing(rules).findIndex(({ name }) => name === 'closes the source')
    : mover.step + 1;
  const next = withMover(state, index, { ...mover, step });
  const isFirst = mover.phase === 'preparing';
  if (!rules.takeoverRaisesAttempts && !isFirst) return next;
  if (state.cells[cell].attempt > mover.attempt) return withoutMover(state, index);
  return withCell(next, cell, { attempt: mover.attempt });
};

/** What a process is about to do. */
export const nextStatement = (mover: Mover, rules: Rules): string => {
  if (mover.step === -2) return 'takes the source over';
  if (mover.step === -1) return 'takes the destination over';
  return statementOf(mover, rules)?.name ?? 'ends';
};

const statementOf = (mover: Mover, rules: Rules): Statement | undefined =>
  programOf(mover, rules)[mover.step];

const comparesAttempts = (
  { isOfCopy, isOfPurge }: { readonly isOfCopy?: boolean; readonly isOfPurge?: boolean },
  { cellsCompareAttempts }: Rules,
): boolean =>
  cellsCompareAttempts === 'all' ||
  (cellsCompareAttempts === 'all but the copy' && !isOfCopy) ||
  (cellsCompareAttempts === 'all but the purge' && !isOfPurge);

/**
 * The next statement of a process of the move, committed. A refused one ends the process. @returns undefined where it has to
 * wait.
 */
export const actMover = (state: State, index: number, rules: Rules): State | undefined => {
  const mover = state.movers[index];
  if (mover === undefined) return undefined;
  if (mover.step < 0) return takeOverCell(state, index, mover, rules);
  const statement = statementOf(mover, rules);
  if (statement === undefined) return withoutMover(state, index);
  if (statement.at === 'control') return record(state, index, mover, statement.to, rules);
  if (statement.at !== 'neither' && comparesAttempts(statement, rules)) {
    const cell = statement.at === 'source' ? mover.source : other(mover.source);
    if (state.cells[cell].attempt !== mover.attempt) return withoutMover(state, index);
  }
  const after = statement.run(state, mover, rules);
  return (
    after &&
    withMover(after, index, {
      ...mover,
      step: mover.step + 1,
      snapshot: statement.takesSnapshot ? state.cells[mover.source].rows : mover.snapshot,
    })
  );
};

/** A process inside its fence gives it up: the source opens again. Once an attempt. */
export const giveUpFence = (state: State, index: number, rules: Rules): State | undefined => {
  const mover = state.movers[index];
  if (mover === undefined || mover.phase !== 'fenced' || mover.reopened > 0) return undefined;
  const length = programOf(mover, rules).length - REOPENING.length;
  if (mover.step < 1 || mover.step >= length) return undefined;
  return withMover(state, index, { ...mover, step: length, reopened: 1 });
};

/** A process that finds the slot of its stream lost copies anew. A rollback cannot. */
export const copyAnew = (state: State, index: number, rules: Rules): State | undefined => {
  const mover = state.movers[index];
  if (mover === undefined || mover.phase !== 'following' || mover.step < 0 || mover.isRollback)
    return undefined;
  return state.streams[mover.source].hasSlot ? undefined : record(state, index, mover, 'copying', rules);
};
