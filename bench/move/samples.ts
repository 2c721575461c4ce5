/** One request of an application that was acknowledged. Times are of `sharedMs`. */
export interface Sample {
  readonly beganMs: number;
  readonly endedMs: number;
}

/** Milliseconds of a clock that all processes of this machine share, and that no change of the time moves. */
export const sharedMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/**
 * The longest time between two acknowledgements of one process, of those times that touch a moment between `fromMs` and `toMs`.
 * @returns undefined while nothing was acknowledged before and after it.
 */
export const longestGapMs = (
  samples: readonly Sample[],
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): number | undefined => {
  const ends = samples.map(({ endedMs }) => endedMs).sort((one, other) => one - other);
  if (!ends.some((ms) => ms < fromMs) || !ends.some((ms) => ms > toMs)) return undefined;
  const gaps = ends.flatMap((endMs, at) => {
    const lastMs = ends[at - 1];
    return lastMs === undefined || endMs < fromMs || lastMs > toMs ? [] : [endMs - lastMs];
  });
  return Math.max(...gaps);
};

/** @param part of them that are not larger: 0.99 for the 99th percentile. */
export const quantile = (values: readonly number[], part: number): number => {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
};
