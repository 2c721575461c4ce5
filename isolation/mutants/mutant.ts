import type { ScenarioName } from '../suite/case.js';

/** A cell with one defence less. A suite that does not notice it proves nothing. */
export interface Mutant {
  /** Stable: reports and tests match on it. */
  readonly id: string;
  /** The defence that is missing, in words that a customer's security team can read. */
  readonly removes: string;
  /** Items of the list of known breaks, docs/threats.md. */
  readonly isolation: readonly number[];
  /** Takes the defence away, as the administrator of a scratch cell. */
  readonly sql: string;
  /** Undoes changes of the server, as opposed to the scratch database: roles, parameters. */
  readonly undo?: string;
  /** The scenarios that are tried on it. */
  readonly scenarios: readonly ScenarioName[];
  /**
   * `attack`: an attempt must succeed where a sound cell refuses it. `catalogue`: no attempt of an application shows it
   * yet (it is the first of two defences, or needs an administrator's mistake), and the schema lint must name it.
   */
  readonly caughtBy: 'attack' | 'catalogue';
}
