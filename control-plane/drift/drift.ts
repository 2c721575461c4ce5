/** One thing that is not as it was deployed. */
export interface Difference {
  /** `changed` by hand, `missing` because somebody took it away, `undeclared` where nobody declared it. */
  readonly kind: 'changed' | 'missing' | 'undeclared';
  /** `TenantQuota quota.shared-eu-central-1` */
  readonly what: string;
  /** What of it differs; empty where all of it does. */
  readonly parts: readonly string[];
}

export type DriftVerdict = 'clean' | 'drifted' | 'cannot-tell';

/** How a tenant, or a cell, compares with what it was deployed as. */
export interface Drift {
  readonly subject: 'tenant' | 'cell';
  readonly name: string;
  readonly verdict: DriftVerdict;
  readonly differences: readonly Difference[];
  /** What could not be looked at, and why: that counts neither as drift nor as none. */
  readonly cannotTell: readonly string[];
}

/** What was found weighs more than what could not be looked at. */
export const driftOf = (
  subject: Drift['subject'],
  name: string,
  found: Pick<Drift, 'differences' | 'cannotTell'>,
): Drift => ({
  subject,
  name,
  verdict: found.differences.length > 0 ? 'drifted' : found.cannotTell.length > 0 ? 'cannot-tell' : 'clean',
  ...found,
});

/** The verdict of all together: one that drifted decides, then one that cannot be told. */
export const worstOf = (drifts: readonly Pick<Drift, 'verdict'>[]): DriftVerdict =>
  (['drifted', 'cannot-tell'] as const).find((one) => drifts.some(({ verdict }) => verdict === one)) ??
  'clean';
