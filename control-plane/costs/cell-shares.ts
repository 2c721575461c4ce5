import type { Metered } from '../../data-plane/quotas/metered.js';
import { splitExactly } from './split.js';

/**
 * How a cell's cost comes upon its tenants: all upon the only one, by what each has used this month, evenly where none has used
 * anything, or not at all where use cannot be read.
 */
export const SPLITS = ['alone', 'use', 'evenly', 'unknown'] as const;
export type Split = (typeof SPLITS)[number];

interface Shares {
  readonly by: Split;
  /** In the order of the tenants; null where use cannot be read. Otherwise they add up to the cell. */
  readonly microEur: readonly (number | null)[];
}

/** @param metered what each tenant has used, by id; undefined where it cannot be read. A tenant that has used nothing pays nothing. */
export const sharesOf = (
  microEur: number,
  tenantIds: readonly string[],
  metered: ReadonlyMap<string, Pick<Metered, 'weight'>> | undefined,
): Shares => {
  if (tenantIds.length === 1) return { by: 'alone', microEur: [microEur] };
  if (!metered) return { by: 'unknown', microEur: tenantIds.map(() => null) };
  const weights = tenantIds.map((id) => metered.get(id)?.weight ?? 0n);
  const by = weights.some((weight) => weight > 0n) ? 'use' : 'evenly';
  return { by, microEur: splitExactly(microEur, weights) };
};
