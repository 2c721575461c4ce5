/** One arm of a comparison, run once. A number that it returns is its figure in milliseconds; else its duration is. */
export type Arm = () => Promise<unknown>;

export interface Comparison {
  readonly name: string;
  /** Median of each arm in milliseconds; bytes where the unit is `size`. */
  readonly baselineMs: number;
  readonly measuredMs: number;
  /** Compared as the goal says: a ratio (of times or sizes), a difference in microseconds, a count, or a time. */
  readonly figure: number;
  readonly unit: 'x' | 'us' | '+ms' | 'calls' | 'errors' | 'size' | 'ms';
  readonly goal: string;
  readonly met: boolean;
}

/** A comparison that this machine lacks something for. */
export interface Skipped {
  readonly name: string;
  readonly skipped: string;
}

/** What two medians are held to. */
export interface Goal {
  readonly rounds: number;
  readonly text: string;
  readonly unit: Comparison['unit'];
  figure(baselineMs: number, measuredMs: number): number;
  isMet(figure: number): boolean;
}

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
};

const timed = async (arm: Arm): Promise<number> => {
  const startedMs = performance.now();
  const figureMs = await arm();
  return typeof figureMs === 'number' ? figureMs : performance.now() - startedMs;
};

/**
 * Runs both arms in turn, `rounds` times after one warm-up, and compares their medians. Which goes first changes every
 * round, so that what the machine does meanwhile falls on both.
 */
export const compare = async (
  name: string,
  arms: { baseline: Arm; measured: Arm },
  goal: Goal,
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
  const figure = goal.figure(baselineMs, measuredMs);
  return { name, baselineMs, measuredMs, figure, unit: goal.unit, goal: goal.text, met: goal.isMet(figure) };
};

/** How many times longer the measured arm takes, at most. */
export const atMost = (limit: number, rounds = 7): Goal => ({
  rounds,
  text: `<= ${limit}x`,
  unit: 'x',
  figure: (baselineMs, measuredMs) => measuredMs / baselineMs,
  isMet: (figure) => figure <= limit,
});

/** Which part of the baseline's throughput the measured arm reaches, at least. */
export const atLeast = (limit: number, rounds = 7): Goal => ({
  rounds,
  text: `>= ${limit}x`,
  unit: 'x',
  figure: (baselineMs, measuredMs) => baselineMs / measuredMs,
  isMet: (figure) => figure >= limit,
});

/** How many microseconds longer the measured arm takes, at most. */
export const atMostMoreUs = (limitUs: number, rounds = 7): Goal => ({
  rounds,
  text: `<= +${limitUs} us`,
  unit: 'us',
  figure: (baselineMs, measuredMs) => (measuredMs - baselineMs) * 1_000,
  isMet: (figure) => figure <= limitUs,
});

/** How many milliseconds longer the measured arm takes, at most. */
export const atMostMoreMs = (limitMs: number, rounds = 7): Goal => ({
  rounds,
  text: `<= +${limitMs} ms`,
  unit: '+ms',
  figure: (baselineMs, measuredMs) => measuredMs - baselineMs,
  isMet: (figure) => figure <= limitMs,
});

/** The measured arm counts calls, and is to have none. */
export const noCalls: Goal = {
  rounds: 1,
  text: '0',
  unit: 'calls',
  figure: (_, measured) => measured,
  isMet: (figure) => figure === 0,
};

/** Measured to be known; nothing is asked of it. */
export const noGoal = (rounds: number): Goal => ({
  ...atMost(Number.POSITIVE_INFINITY, rounds),
  text: 'no goal',
});

/** Median time of one arm against a limit. */
export const takesAtMost = async (
  name: string,
  arm: Arm,
  limitMs: number,
  rounds: number,
): Promise<Comparison> => {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) times.push(await timed(arm));
  const measuredMs = median(times);
  const goal = `<= ${limitMs} ms`;
  return {
    name,
    baselineMs: limitMs,
    measuredMs,
    figure: measuredMs,
    unit: 'ms',
    goal,
    met: measuredMs <= limitMs,
  };
};
