import type { Finding } from '../../data-plane/database/lint/lint-schema.js';
import type { Stage } from './stage.js';

/** The scenarios of the attack suite, in the order in which they run. */
export const SCENARIO_NAMES = [
  'crossed-wires',
  'forged-badge',
  'whisper',
  'side-door',
  'wrong-key',
  'half-moved-clinic',
  'poisoned-lifeboat',
  'ghost-tenant',
  'scorched-earth',
  'tea-leaves',
  'back-yard',
  'barricade',
] as const;
export type ScenarioName = (typeof SCENARIO_NAMES)[number];

/**
 * `held`: the attempt met the defence. `leaked`: something of another tenant was reached, or a defence was not there.
 * `unproven`: the attempt could not be made as it should, so it says nothing; never counted as held.
 */
export type Verdict = 'held' | 'leaked' | 'unproven';

export interface Outcome {
  readonly verdict: Verdict;
  /** Plain words, counts and SQLSTATEs; never a secret, an id or a value of a row. */
  readonly cameBack: string;
}

/** One attack. A case that throws is `unproven`. */
export interface SuiteCase {
  /** Unique: `<scenario>/<what>`, with `/<schema.table>` where it is tried on every table. */
  readonly id: string;
  /** Items of the list of known breaks, docs/threats.md. */
  readonly isolation: readonly number[];
  /** The attempt, in words that a customer's security team can read. */
  readonly tried: string;
  readonly expected: string;
  readonly run: (stage: Stage) => Promise<Outcome>;
}

export interface CaseResult {
  readonly id: string;
  readonly scenario: ScenarioName;
  readonly isolation: readonly number[];
  readonly tried: string;
  readonly expected: string;
  readonly cameBack: string;
  readonly verdict: Verdict;
}

export interface Scenario {
  readonly name: ScenarioName;
  readonly title: string;
  readonly about: string;
  /** Its cases for the objects of the connected cell. */
  readonly cases: (stage: Stage) => readonly SuiteCase[];
}

/** A way in that no case tries, and the reason. */
export interface NotCovered {
  /** Not yet part of the product, tried by other tests, or known and not closed. */
  readonly status: 'not applicable yet' | 'tried elsewhere' | 'known limit';
  readonly isolation: readonly number[];
  readonly scenario: ScenarioName;
  readonly what: string;
  readonly why: string;
}

interface ScenarioSummary {
  readonly name: ScenarioName;
  readonly title: string;
  readonly about: string;
  readonly held: number;
  readonly leaked: number;
  readonly unproven: number;
}

export interface SuiteReport {
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly postgres: string;
  /** Tenant tables that were attacked. */
  readonly tables: number;
  readonly seed: number;
  readonly cases: readonly CaseResult[];
  readonly scenarios: readonly ScenarioSummary[];
  /** The findings of the schema lint. Each is a leaked case of side-door too. */
  readonly lint: readonly Finding[];
  readonly notCovered: readonly NotCovered[];
}
