import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MOVE_STATES, type MoveState } from '../../../../control-plane/moves/states.js';
import { explore } from './explore.js';
import { modelOf } from './model.js';
import { MUTANTS } from './mutants.js';
import { Seen, TABLE_FENCES, TABLE_TRANSITIONS } from './seen.js';
import { MANY, walk } from './walk.js';

const FEW = { applications: 1, writesEach: 1, attempts: 2, zombies: 0, losesSlots: true };

it('keeps every property in every state of a small model, which takes every transition and meets every fence of the table', () => {
  const seen = new Seen();
  const explored = explore(modelOf(FEW), { onStep: seen.onStep });
  expect(explored).toMatchObject({ isComplete: true });
  expect(explored.violation).toBeUndefined();
  expect([...seen.transitions].sort()).toEqual([...TABLE_TRANSITIONS].sort());
  expect([...seen.fences].sort()).toEqual([...TABLE_FENCES].sort());
  expect(seen.hasReadersInFence).toBe(true);
});

it('keeps them on random walks of three applications, with processes that were taken over', () => {
  const seen = new Set<MoveState>();
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 100_000 }), { minLength: 400, maxLength: 400 }), (choices) => {
      expect(walk(modelOf(MANY), choices, ({ control }) => seen.add(control.phase))).toBeUndefined();
    }),
    { numRuns: 100 },
  );
  expect([...seen].sort()).toEqual([...MOVE_STATES].sort());
});

it.each([
  'no lag is taken for drained',
  'a run that finds the fence trusts it',
  'the destination opens before the source is closed',
  'the attempts are forgotten when a move is over',
])('fails when %s', (name) => {
  const bounds = { ...FEW, zombies: 1, losesSlots: false };
  expect(explore(modelOf(bounds, MUTANTS[name]?.change)).violation).toBeDefined();
});
