import { blockSize } from './block-size.js';
import { type Answer, type Ask, GUARD_MS, LIFE_MS, type Settlement } from './lease-protocol.js';
import {
  addCost,
  addRefused,
  answerTo,
  grant,
  keepAnswer,
  type Ledger,
  lend,
  limitOf,
  newLedger,
  resetsMs,
  roll,
  room,
  takeBack,
} from './ledger.js';
import type { EdgeLimits, EdgeQuota } from './limits.js';

/** For how long an isolate that has not asked counts as one that shares the limit. */
const SHARES_MS = 1_000;
/** How soon a refused isolate asks again: soon while tokens may come back. */
const ASK_AGAIN_MS = 1_000;
const RETURNS_MS = 50;

/** The part of a tenant's object that lends requests. */
export interface Lender {
  ask(ask: Ask, limits: EdgeLimits, nowMs: number): Answer;
  settle(settlement: Settlement, limits: EdgeLimits, nowMs: number): void;
  /** Notes a request that the object refused for another reason than its windows. */
  countRefused(quota: EdgeQuota, limits: EdgeLimits, nowMs: number): void;
  ledger(limits: EdgeLimits, nowMs: number): Ledger;
}

/**
 * Lends tokens to isolates. The sum of what was lent and not put back never exceeds a limit.
 * @param stored the ledger of before a restart.
 * @param store keeps the ledger, and is called before an answer is given.
 */
export const createLender = (stored: Ledger | undefined, store: (ledger: Ledger) => void): Lender => {
  let ledger = stored;
  const asked = new Map<string, number>();

  const open = (limits: EdgeLimits, nowMs: number): Ledger =>
    ledger === undefined ? newLedger(limits, nowMs) : roll(ledger, limits, nowMs);

  const settled = (
    from: Ledger,
    { ended, refused, costMicroEur }: Settlement,
    limits: EdgeLimits,
  ): Ledger => {
    let next = costMicroEur > 0 ? addCost(from, costMicroEur) : from;
    if (Object.keys(refused).length > 0) next = addRefused(next, refused);
    for (const { lease, unspent } of ended) next = takeBack(next, limits, lease, unspent);
    return next;
  };

  const share = (isolate: string, nowMs: number): number => {
    asked.set(isolate, nowMs);
    for (const [one, atMs] of asked) if (nowMs - atMs > SHARES_MS) asked.delete(one);
    return asked.size;
  };

  const keep = (next: Ledger): void => {
    ledger = next;
    store(next);
  };

  return {
    ask: (ask, limits, nowMs) => {
      const { isolate, waiting, want, settlement } = ask;
      const before = open(limits, nowMs);
      const known = answerTo(before, ask);
      if (known) return known;
      const isolates = share(isolate, nowMs);
      const now = settled(before, settlement, limits);
      const { quota, left } = room(now, limits);
      if (waiting === 1 && left === 0) {
        keep(addRefused(now, { [quota]: 1 }));
        const untilMs = resetsMs(now, quota, nowMs);
        const askAgainMs = Math.min(untilMs, now.loans.length > 0 ? RETURNS_MS : ASK_AGAIN_MS);
        const refusal = { quota, limit: limitOf(limits, quota), resetsMs: untilMs, askAgainMs };
        return { admitted: false, block: null, refusal };
      }
      const granted = grant(now, limits, waiting);
      const tokens = blockSize({ left: room(granted, limits).left, want, isolates });
      const lifeMs = Math.min(LIFE_MS, resetsMs(granted, 'burst', nowMs)) - GUARD_MS;
      const hasBlock = tokens > 0 && lifeMs > 0;
      const next = hasBlock ? lend(granted, limits, tokens, nowMs + lifeMs) : granted;
      const block = hasBlock ? { lease: next.lastLease, tokens, lifeMs } : null;
      const answer = { admitted: waiting === 1, block, refusal: null };
      keep(keepAnswer(next, ask, answer, nowMs));
      return answer;
    },
    settle: (settlement, limits, nowMs) => keep(settled(open(limits, nowMs), settlement, limits)),
    countRefused: (quota, limits, nowMs) => keep(addRefused(open(limits, nowMs), { [quota]: 1 })),
    ledger: open,
  };
};
