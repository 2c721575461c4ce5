/**
 * Splits a whole into shares by weight that add up to it exactly: each is rounded down, and what is left over goes, one by one, to
 * those that rounding took most from, the earlier first. Without any weight all are the same.
 * @param total a whole number, not negative; a share is neither.
 */
export const splitExactly = (total: number, weights: readonly bigint[]): number[] => {
  const sum = weights.reduce((one, other) => one + other, 0n);
  const given = sum === 0n ? weights.map(() => 1n) : weights;
  const whole = sum === 0n ? BigInt(weights.length) : sum;
  const parts = given.map((weight, index) => {
    const product = BigInt(total) * weight;
    return { index, share: Number(product / whole), rest: product % whole };
  });
  const left = total - parts.reduce((shared, { share }) => shared + share, 0);
  const next = new Set(
    [...parts]
      .sort((one, other) =>
        one.rest === other.rest ? one.index - other.index : one.rest > other.rest ? -1 : 1,
      )
      .slice(0, left)
      .map(({ index }) => index),
  );
  return parts.map(({ index, share }) => share + Number(next.has(index)));
};
