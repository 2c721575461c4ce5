import { type Actor, type Bounds, firstState, type Model, type Step, stepsFrom } from './model.js';
import { INVARIANTS, OBLIGATIONS } from './properties.js';
import type { State } from './state.js';

/** More of everything than an exploration can exhaust. */
export const MANY: Bounds = { applications: 3, writesEach: 3, attempts: 6, zombies: 2, losesSlots: true };

/** Whose turn it is, as often as it stands here: with an abort at every second step no move would come far. */
const TURNS: readonly Actor[] = [
  ...Array<Actor>(24).fill('mover'),
  ...Array<Actor>(18).fill('application'),
  ...Array<Actor>(16).fill('stream'),
  'operator',
  'accident',
];

const chosen = (steps: readonly Step[], choice: number): Step | undefined => {
  const turns = TURNS.filter((turn) => steps.some(({ actor }) => actor === turn));
  const those = steps.filter(({ actor }) => actor === turns[choice % turns.length]);
  return those[Math.floor(choice / turns.length) % those.length];
};

/**
 * One way through the states of a model, by numbers. @returns what was broken, with the way there; undefined where all holds.
 */
export const walk = (
  model: Model,
  choices: readonly number[],
  onState: (state: State) => void,
): { readonly property: string; readonly steps: readonly string[] } | undefined => {
  let state = firstState(model);
  const texts: string[] = [];
  for (const choice of choices) {
    const step = chosen(stepsFrom(state, model), choice);
    if (step === undefined) return undefined;
    const { next } = step;
    texts.push(step.text());
    const before = state;
    const broken =
      OBLIGATIONS.find(({ holds }) => !holds(before, next)) ??
      INVARIANTS.find(({ holds }) => !holds(next, model));
    if (broken) return { property: broken.name, steps: texts };
    state = next;
    onState(state);
  }
  return undefined;
};
