import { RingfenceError } from '../../../core/errors.js';
import type { RegionName } from '../../../core/regions.js';

/** Regions whose first three zones are not a, b and c for every account. */
const OTHERWISE: Partial<Record<RegionName, readonly string[]>> = {
  'ca-central-1': ['a', 'b', 'd'],
  'ap-northeast-1': ['a', 'c', 'd'],
  // Accounts see two of its zones.
  'us-west-1': [],
};

/**
 * Three zones of a region. They are not asked for: an answer that changes would move subnets.
 * @throws RingfenceError usage for a region without three.
 */
export const zonesOf = (region: RegionName): string[] => {
  const letters = OTHERWISE[region] ?? ['a', 'b', 'c'];
  if (letters.length === 3) return letters.map((letter) => `${region}${letter}`);
  throw new RingfenceError('usage', `${region} does not have three zones for every account`, {
    fix: 'make the network yourself and name it: --network vpc-…,subnet-…,subnet-…',
  });
};
