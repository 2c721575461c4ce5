import type { Outcome, ScenarioName, SuiteCase } from './case.js';
import { unproven } from './judge.js';
import type { Stage } from './stage.js';

/** One attack on each of several things, made together: a case for each. */
export interface Family {
  readonly scenario: ScenarioName;
  readonly id: string;
  readonly isolation: readonly number[];
  /** `of` is the target: a table, a role, a rule. */
  readonly tried: (of: string) => string;
  readonly expected: string;
  readonly over: (stage: Stage) => readonly string[];
  /** Outcomes by thing. */
  readonly attack: (stage: Stage) => Promise<ReadonlyMap<string, Outcome>>;
}

export const familyCases = (stage: Stage, family: Family): SuiteCase[] =>
  family.over(stage).map((of) => ({
    id: `${family.scenario}/${family.id}/${of}`,
    isolation: family.isolation,
    tried: family.tried(of),
    expected: family.expected,
    run: async () => {
      const outcomes = await stage.once(`${family.scenario}/${family.id}`, () => family.attack(stage));
      return outcomes.get(of) ?? unproven('nothing came back');
    },
  }));

/** Makes the attacks one by one. A failed attack says nothing of the others. */
export const each = async (
  things: readonly string[],
  attack: (of: string) => Promise<Outcome>,
): Promise<Map<string, Outcome>> => {
  const outcomes = new Map<string, Outcome>();
  for (const of of things) outcomes.set(of, await attack(of).catch(() => unproven('the attempt failed')));
  return outcomes;
};
