import { isMoveOver } from '../../../../control-plane/moves/states.js';
import { type Actor, firstState, type Model, stepsFrom } from './model.js';
import { INVARIANTS, OBLIGATIONS } from './properties.js';
import { encode, type State } from './state.js';

/** Not a property of one state: looked at when all of them are known. */
export const ALWAYS_ENDS = 'from every state the move can be ended without the applications';

interface Violation {
  readonly property: string;
  /** The shortest way there, a line a step. */
  readonly steps: readonly string[];
}

export interface Exploration {
  /** Distinct states. */
  readonly states: number;
  /** Steps between them; the search looked at each. */
  readonly steps: number;
  /** The longest of the shortest ways to a state. */
  readonly depth: number;
  /** Whether no state was left out. */
  readonly isComplete: boolean;
  readonly violation?: Violation;
}

interface Options {
  /** The search ends when it has so many states. */
  readonly maxStates?: number;
  /** Looks for this property only. */
  readonly property?: string;
  readonly onStep?: (before: State, after: State) => void;
}

const ENDING_ACTORS: readonly Actor[] = ['mover', 'operator', 'stream'];

/** Goes through the states of a model, breadth first, up to the first that breaks a property. */
export const explore = (
  model: Model,
  { maxStates = Infinity, property, onStep }: Options = {},
): Exploration => {
  const isLookedFor = ({ name }: { readonly name: string }) => property === undefined || name === property;
  const invariants = INVARIANTS.filter(isLookedFor);
  const obligations = OBLIGATIONS.filter(isLookedFor);
  const first = firstState(model);
  const numbers = new Map([[encode(first), 0]]);
  /** By number: from which state it was found, and by which of its steps. */
  const origins = [-1];
  const choices = [-1];
  const ends: number[] = [];
  /** Pairs of numbers: the steps that need no application. */
  const endingSteps: number[] = [];
  let steps = 0;
  let depth = 0;

  const violationAt = (name: string, number: number, last?: number): Violation => {
    const way = last === undefined ? [] : [last];
    for (let at = number; at > 0; at = origins[at] ?? 0) way.push(choices[at] ?? 0);
    let state = first;
    const texts = way.reverse().map((choice) => {
      const step = stepsFrom(state, model)[choice];
      if (step === undefined) throw new Error('the same state led to other steps');
      state = step.next;
      return step.text();
    });
    return { property: name, steps: texts };
  };
  const found = (isComplete: boolean, violation?: Violation): Exploration => ({
    states: numbers.size,
    steps,
    depth,
    isComplete,
    ...(violation && { violation }),
  });

  let frontier = [first];
  let from = 0;
  while (frontier.length > 0) {
    const reached: State[] = [];
    for (const state of frontier) {
      for (const [choice, { actor, next }] of stepsFrom(state, model).entries()) {
        steps += 1;
        const broken = obligations.find(({ holds }) => !holds(state, next));
        if (broken) return found(false, violationAt(broken.name, from, choice));
        const key = encode(next);
        let to = numbers.get(key);
        if (to === undefined) {
          const wrong = invariants.find(({ holds }) => !holds(next, model));
          if (wrong) return found(false, violationAt(wrong.name, from, choice));
          to = numbers.size;
          numbers.set(key, to);
          origins.push(from);
          choices.push(choice);
          reached.push(next);
          if (isMoveOver(next.control.phase)) ends.push(to);
        }
        if (ENDING_ACTORS.includes(actor)) endingSteps.push(from, to);
        onStep?.(state, next);
        if (numbers.size >= maxStates) return found(false);
      }
      from += 1;
    }
    frontier = reached;
    if (reached.length > 0) depth += 1;
  }
  const stuck = isLookedFor({ name: ALWAYS_ENDS })
    ? firstWithoutEnd(numbers.size, ends, endingSteps)
    : undefined;
  return found(true, stuck === undefined ? undefined : violationAt(ALWAYS_ENDS, stuck));
};

/** Goes back from the ends. @returns the lowest number that has no way to one. */
const firstWithoutEnd = (
  states: number,
  ends: readonly number[],
  pairs: readonly number[],
): number | undefined => {
  // The steps that lead to a state lie together: those to `to` from starts[to] up to starts[to + 1].
  const starts = new Int32Array(states + 2);
  const at = (values: ArrayLike<number>, index: number) => values[index] ?? 0;
  for (let pair = 1; pair < pairs.length; pair += 2)
    starts[at(pairs, pair) + 2] = at(starts, at(pairs, pair) + 2) + 1;
  for (let state = 2; state < starts.length; state += 1)
    starts[state] = at(starts, state) + at(starts, state - 1);
  const origins = new Int32Array(pairs.length / 2);
  for (let pair = 0; pair < pairs.length; pair += 2) {
    const slot = at(pairs, pair + 1) + 1;
    origins[at(starts, slot)] = at(pairs, pair);
    starts[slot] = at(starts, slot) + 1;
  }
  const ending = new Uint8Array(states);
  for (const end of ends) ending[end] = 1;
  const open = [...ends];
  for (let state = open.pop(); state !== undefined; state = open.pop())
    for (const origin of origins.subarray(at(starts, state), at(starts, state + 1)))
      if (ending[origin] === 0) {
        ending[origin] = 1;
        open.push(origin);
      }
  const stuck = ending.indexOf(0);
  return stuck === -1 ? undefined : stuck;
};
