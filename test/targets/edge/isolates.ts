import type { Ledger } from '../../../targets/edge/limits/ledger.js';
import { createLender } from '../../../targets/edge/limits/lender.js';
import type { EdgeLimits } from '../../../targets/edge/limits/limits.js';
import { createPurse, type Purse } from '../../../targets/edge/limits/purse.js';

export const LIMITS: EdgeLimits = {
  requestsPerSecond: 10,
  burst: 10,
  requestsPerMinute: 1_000_000,
  concurrentUsers: 1_000_000,
  dailyCostCapMicroEur: 1_000_000_000,
  requestCostMicroEur: 0,
};

/** An admitted request: when, by the true clock, and in which second, by that of the object, it was let through. */
export interface Admitted {
  readonly atMs: number;
}

/**
 * A tenant's object and isolates, on one clock that a test moves. Answers take `delayMs` to come; both may be started again
 * at any time: the object keeps what it stored, an isolate nothing.
 */
export const edge = (limits: EdgeLimits, isolates: number, startMs: number) => {
  let nowMs = startMs;
  let stored: Ledger | undefined;
  const keep = (ledger: Ledger): void => {
    stored = structuredClone(ledger);
  };
  let lender = createLender(stored, keep);
  const purses: Purse[] = Array.from({ length: isolates }, () => createPurse());
  const admitted: Admitted[] = [];
  const names = purses.map((_, at) => `isolate ${at}`);

  const purseOf = (at: number): Purse => {
    const purse = purses[at];
    if (purse === undefined) throw new Error(`no isolate ${at}`);
    return purse;
  };

  const ask = (at: number, waiting: 0 | 1, delayMs: number, isLost: boolean): boolean => {
    const purse = purseOf(at);
    const asked = purse.begin(nowMs);
    const decidedMs = nowMs + delayMs;
    const { atMs, ...carried } = asked;
    const question = { isolate: names[at] ?? '', waiting, ...carried };
    if (isLost) {
      lender.ask(question, limits, decidedMs);
      lender = createLender(stored, keep);
    }
    const answer = lender.ask(question, limits, decidedMs);
    nowMs = decidedMs + delayMs;
    purse.receive(answer, asked);
    if (answer.admitted) admitted.push({ atMs: decidedMs });
    return answer.admitted;
  };

  return {
    admitted,
    now: () => nowMs,
    wait: (ms: number) => {
      nowMs += ms;
    },
    /** One request at an isolate. With `isLost` the object ends before its first answer has come. @returns whether it may pass. */
    request: (at: number, delayMs = 0, isLost = false): boolean => {
      const purse = purseOf(at);
      if (purse.spend(nowMs)) {
        admitted.push({ atMs: nowMs });
        return true;
      }
      if (purse.refuse(nowMs)) return false;
      return ask(at, 1, delayMs, isLost);
    },
    settle: (at: number): void => {
      const settlement = purseOf(at).settle(nowMs);
      if (settlement) lender.settle(settlement, limits, nowMs);
    },
    restartObject: (): void => {
      lender = createLender(stored, keep);
    },
    restartIsolate: (at: number): void => {
      purses[at] = createPurse();
      names[at] = `${names[at]}'`;
    },
    ledger: () => lender.ledger(limits, nowMs),
  };
};

/** How many were admitted in each window. */
export const byWindow = (admitted: readonly Admitted[], windowMs: number): Map<number, number> => {
  const counts = new Map<number, number>();
  for (const { atMs } of admitted) {
    const window = Math.floor(atMs / windowMs);
    counts.set(window, (counts.get(window) ?? 0) + 1);
  }
  return counts;
};
