import { expect, it } from 'vitest';
import {
  type Fence,
  isAbortable,
  isMoveOver,
  isRollbackable,
  MOVE_STATES,
  MOVE_TABLE,
  type MoveState,
  mayMoveTransition,
} from '../../../control-plane/moves/states.js';

const reachableFrom = (first: MoveState): Set<MoveState> => {
  const reached = new Set([first]);
  for (const state of reached)
    for (const next of MOVE_STATES.filter((to) => mayMoveTransition(state, to))) reached.add(next);
  return reached;
};

it('reaches every state from the first, and an end from every state', () => {
  expect([...reachableFrom('preparing')].sort()).toEqual([...MOVE_STATES].sort());
  for (const state of MOVE_STATES) expect([...reachableFrom(state)].some(isMoveOver), state).toBe(true);
});

it('lets an abort begin exactly in the states that say so', () => {
  for (const state of MOVE_STATES)
    expect(mayMoveTransition(state, 'aborting'), state).toBe(isAbortable(state));
});

it('lets a rollback begin exactly in the states that say so', () => {
  const isFlipped = (state: MoveState) => MOVE_TABLE[state].route === 'destination';
  for (const state of MOVE_STATES.filter(isFlipped))
    expect(mayMoveTransition(state, 'following'), state).toBe(isRollbackable(state));
});

it('changes the route by the flip only, and by giving up or beginning a rollback, which exchange the roles', () => {
  const changes = MOVE_STATES.flatMap((from) =>
    MOVE_TABLE[from].next
      .filter((to) => MOVE_TABLE[to].route !== MOVE_TABLE[from].route)
      .map((to) => `${from} -> ${to}`),
  );
  expect(changes).toEqual([
    'fenced -> flipped',
    'open -> following',
    'window -> following',
    'aborting -> window',
  ]);
});

it('never lets both cells take writes, and lets the tenant rest only where one does', () => {
  for (const state of MOVE_STATES) {
    const fences: { source: readonly Fence[]; destination: readonly Fence[] } = MOVE_TABLE[state];
    const open = [fences.source, fences.destination].filter((those) => those.includes('open'));
    expect(open.length, state).toBe(1);
    if (isMoveOver(state)) expect(open, state).toEqual([['open']]);
  }
});
