/** How long requests waited for tenants that moved, as Prometheus counts: a wait is in each bucket that is not below it. */
export interface WaitHistogram {
  /** Upper bounds in milliseconds; Infinity last. */
  readonly buckets: readonly { readonly leMs: number; readonly count: number }[];
  readonly count: number;
  readonly sumMs: number;
  /** Requests that were turned away, because too many waited or the wait was too long. */
  readonly refused: number;
}

const BOUNDS_MS = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, Number.POSITIVE_INFINITY];

export interface WaitCounter {
  waited(waitMs: number): void;
  refused(): void;
  read(): WaitHistogram;
}

export const waitCounter = (): WaitCounter => {
  const counts = BOUNDS_MS.map(() => 0);
  let [count, sumMs, refused] = [0, 0, 0];
  return {
    waited: (waitMs) => {
      count++;
      sumMs += waitMs;
      for (const [at, bound] of BOUNDS_MS.entries()) if (waitMs <= bound) counts[at] = (counts[at] ?? 0) + 1;
    },
    refused: () => {
      refused++;
    },
    read: () => ({
      buckets: BOUNDS_MS.map((leMs, at) => ({ leMs, count: counts[at] ?? 0 })),
      count,
      sumMs,
      refused,
    }),
  };
};
