/** One arm of a comparison: what is run, once. */
export type Arm = () => Promise<void>;

export interface Comparison {
  readonly name: string;
  /** Median of each arm in milliseconds. */
  readonly baselineMs: number;
  readonly measuredMs: number;
  readonly ratio: number;
  readonly goal: string;
  readonly met: boolean;
}

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
};

const timed = async (arm: Arm): Promise<number> => {
  const startedMs = performance.now();
  await arm();
  return performance.now() - startedMs;
};

/**
 * Runs both arms in turn, `rounds` times after one warm-up, and compares their medians. Which goes first changes every
 * round, so that what the machine does meanwhile falls on both.
 */
export const compare = async (
  name: string,
  arms: { baseline: Arm; measured: Arm },
  goal: {
    rounds: number;
    text: string;
    met: (baselineMs: number, measuredMs: number) => boolean;
    ratio: (baselineMs: number, measuredMs: number) => number;
  },
): Promise<Comparison> => {
  const times: { baseline: number[]; measured: number[] } = { baseline: [], measured: [] };
  for (let round = -1; round < goal.rounds; round++) {
    const order = round % 2 === 0 ? (['baseline', 'measured'] as const) : (['measured', 'baseline'] as const);
    for (const arm of order) {
      const tookMs = await timed(arms[arm]);
      if (round >= 0) times[arm].push(tookMs);
    }
  }
  const [baselineMs, measuredMs] = [median(times.baseline), median(times.measured)];
  return {
    name,
    baselineMs,
    measuredMs,
    ratio: goal.ratio(baselineMs, measuredMs),
    goal: goal.text,
    met: goal.met(baselineMs, measuredMs),
  };
};

/** How many times longer the measured arm takes, at most. */
export const atMost = (limit: number, rounds = 7) => ({
  rounds,
  text: `<= ${limit}x`,
  ratio: (baselineMs: number, measuredMs: number) => measuredMs / baselineMs,
  met: (baselineMs: number, measuredMs: number) => measuredMs / baselineMs <= limit,
});

/** Which part of the baseline's throughput the measured arm reaches, at least. */
export const atLeast = (limit: number, rounds = 7) => ({
  rounds,
  text: `>= ${limit}x`,
  ratio: (baselineMs: number, measuredMs: number) => baselineMs / measuredMs,
  met: (baselineMs: number, measuredMs: number) => baselineMs / measuredMs >= limit,
});
