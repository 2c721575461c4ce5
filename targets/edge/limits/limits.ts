/** What one tenant may do at the edge. Costs are in millionths of a euro, so that they are counted in whole numbers. */
export interface EdgeLimits {
  /** How many a second it may go on with. */
  readonly requestsPerSecond: number;
  /** The most in one second: seconds before left that many unused. At least `requestsPerSecond`. */
  readonly burst: number;
  readonly requestsPerMinute: number;
  readonly concurrentUsers: number;
  readonly dailyCostCapMicroEur: number;
  /** What each request costs by itself. */
  readonly requestCostMicroEur: number;
}

/** The quotas that may refuse a request, by their names in a manifest. */
export type EdgeQuota =
  | 'requestsPerSecond'
  | 'burst'
  | 'requestsPerMinute'
  | 'concurrentUsers'
  | 'dailyCostCapEur';

/** Why a request was refused. */
export interface Refusal {
  readonly quota: EdgeQuota;
  readonly limit: number;
  /** Until the quota is free again, as far as is known. */
  readonly resetsMs: number;
  /** For how long an isolate may refuse by itself before it asks again. */
  readonly askAgainMs: number;
}

/** How many requests each quota refused. */
export type Refused = Readonly<Partial<Record<EdgeQuota, number>>>;
