import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sharesOf } from '../../../control-plane/costs/cell-shares.js';
import { splitExactly } from '../../../control-plane/costs/split.js';

const total = fc.integer({ min: 0, max: 10 ** 13 });
const weights = fc.array(fc.bigInt({ min: 0n, max: 10n ** 18n }), { minLength: 1, maxLength: 50 });

describe('a split of a cell’s cost', () => {
  it('adds up to the cell exactly, and no share is negative', () => {
    fc.assert(
      fc.property(total, weights, (whole, by) => {
        const shares = splitExactly(whole, by);
        expect(shares.reduce((sum, share) => sum + share, 0)).toBe(whole);
        expect(Math.min(...shares)).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('gives each the part of its weight to less than a millionth of a euro, and nothing for no use', () => {
    fc.assert(
      fc.property(total, weights, (whole, by) => {
        const sum = by.reduce((one, other) => one + other, 0n);
        fc.pre(sum > 0n);
        for (const [index, share] of splitExactly(whole, by).entries()) {
          const weight = by[index] ?? 0n;
          const off = BigInt(share) * sum - BigInt(whole) * weight;
          expect(off > -sum && off < sum).toBe(true);
          if (weight === 0n) expect(share).toBe(0);
        }
      }),
    );
  });

  it('is even where nobody has used anything, and of nothing nobody pays', () => {
    expect(splitExactly(10, [0n, 0n, 0n])).toEqual([4, 3, 3]);
    expect(splitExactly(0, [1n, 2n])).toEqual([0, 0]);
    expect(splitExactly(100, [1n, 1n, 1n])).toEqual([34, 33, 33]);
    expect(splitExactly(7, [])).toEqual([]);
  });

  it('is by use; without it all is the only tenant’s, and nobody’s where use cannot be read', () => {
    const used = new Map([
      ['a', { weight: 3n }],
      ['b', { weight: 1n }],
    ]);
    expect(sharesOf(100, ['a', 'b', 'new'], used)).toEqual({ by: 'use', microEur: [75, 25, 0] });
    expect(sharesOf(100, ['c', 'd'], used)).toEqual({ by: 'evenly', microEur: [50, 50] });
    expect(sharesOf(100, ['a'], undefined)).toEqual({ by: 'alone', microEur: [100] });
    expect(sharesOf(100, ['a', 'b'], undefined)).toEqual({ by: 'unknown', microEur: [null, null] });
    expect(sharesOf(100, [], used)).toEqual({ by: 'evenly', microEur: [] });
  });
});
