import { type Attempted, attempt } from '../attempt.js';
import type { Outcome, ScenarioName, SuiteCase } from './case.js';
import { judgeRefusal } from './judge.js';
import { asClinic, type Stage } from './stage.js';

/** A statement of the application, in the attacker's context, that a sound cell refuses. */
export interface RefusedStatement {
  readonly id: string;
  readonly isolation: readonly number[];
  readonly tried: string;
  /** SQL; `$1` takes the first value. */
  readonly sql: string | ((stage: Stage) => string);
  readonly values?: (stage: Stage) => readonly unknown[];
  /** SQLSTATEs that are a refusal as well as 42501 is, such as that of a feature which is off. */
  readonly alsoRefusals?: readonly string[];
  /** Judges a statement that was not refused. Without it, such a statement has leaked. */
  readonly judge?: (attempted: Attempted, stage: Stage) => Outcome | undefined;
}

export const refusedStatement = (scenario: ScenarioName, each: RefusedStatement): SuiteCase => ({
  id: `${scenario}/${each.id}`,
  isolation: each.isolation,
  tried: each.tried,
  expected: 'refused by the database',
  run: (stage) =>
    asClinic(stage, stage.a, async (client) => {
      const sql = typeof each.sql === 'string' ? each.sql : each.sql(stage);
      const attempted = await attempt(client, sql, each.values?.(stage) ?? []);
      return each.judge?.(attempted, stage) ?? judgeRefusal(attempted, each.alsoRefusals);
    }),
});
