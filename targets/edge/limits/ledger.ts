import type { Answer, Ask } from './lease-protocol.js';
import type { EdgeLimits, EdgeQuota, Refused } from './limits.js';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/**
 * What was granted in the windows that are open, by the clock of the object. Windows are aligned to UTC. It is stored before
 * a grant is handed out, so an object that starts again knows of every one.
 */
export interface Ledger {
  /** `left` may still be granted in this second; `left` and `granted` together never exceed the burst. */
  readonly second: { readonly startMs: number; readonly left: number; readonly granted: number };
  readonly minute: { readonly startMs: number; readonly granted: number };
  readonly day: DayLedger;
  /** Blocks that may still come back. */
  readonly loans: readonly Loan[];
  /** Number of the last lease; a number is used once. */
  readonly lastLease: number;
  /** Answers that their isolates may not have got. */
  readonly answers: readonly Given[];
}

/** A grant as it was answered. */
interface Given extends Pick<Ask, 'isolate' | 'number'> {
  readonly answer: Answer;
  readonly atMs: number;
}

/** A block that was lent: how many requests, out of which windows, at which price. */
interface Loan {
  readonly lease: number;
  readonly tokens: number;
  readonly secondMs: number;
  readonly minuteMs: number;
  readonly dayMs: number;
  readonly requestCostMicroEur: number;
  readonly expiresAtMs: number;
}

/** A day, with what its operator reads of it. */
interface DayLedger {
  readonly startMs: number;
  readonly costMicroEur: number;
  readonly granted: number;
  readonly refused: Refused;
}

/** For how long an answer that was lost may be asked for again. */
const ASKED_AGAIN_MS = 5_000;

/** For how long after its end a block may still come back. */
const COMES_BACK_MS = 1_000;

const newDay = (startMs: number): DayLedger => ({ startMs, costMicroEur: 0, granted: 0, refused: {} });

const startOf = (windowMs: number, nowMs: number): number => Math.floor(nowMs / windowMs) * windowMs;

export const newLedger = ({ burst }: EdgeLimits, nowMs: number): Ledger => ({
  second: { startMs: startOf(SECOND_MS, nowMs), left: burst, granted: 0 },
  minute: { startMs: startOf(MINUTE_MS, nowMs), granted: 0 },
  day: newDay(startOf(DAY_MS, nowMs)),
  loans: [],
  lastLease: 0,
  answers: [],
});

/**
 * Opens the windows of the moment. A window that was left is never opened again: with a clock that was put back, the last
 * one stays open. Limits that were lowered hold at once, raised ones from the next second.
 */
export const roll = (ledger: Ledger, { requestsPerSecond, burst }: EdgeLimits, nowMs: number): Ledger => {
  const { second, minute, day } = ledger;
  const secondMs = startOf(SECOND_MS, nowMs);
  const minuteMs = startOf(MINUTE_MS, nowMs);
  const dayMs = startOf(DAY_MS, nowMs);
  const passed = Math.max(0, (secondMs - second.startMs) / SECOND_MS);
  const granted = passed > 0 ? 0 : second.granted;
  const left = Math.max(0, Math.min(second.left + passed * requestsPerSecond, burst - granted));
  return {
    ...ledger,
    second: { startMs: Math.max(second.startMs, secondMs), left, granted },
    minute: minuteMs > minute.startMs ? { startMs: minuteMs, granted: 0 } : minute,
    day: dayMs > day.startMs ? newDay(dayMs) : day,
    loans: ledger.loans.filter(({ expiresAtMs }) => expiresAtMs + COMES_BACK_MS > nowMs),
  };
};

/** How many requests may still be granted now, and the quota that says so. */
export const room = (
  { second, minute, day }: Ledger,
  limits: EdgeLimits,
): { readonly quota: EdgeQuota; readonly left: number } => {
  const rooms: readonly { quota: EdgeQuota; left: number }[] = [
    { quota: 'dailyCostCapEur', left: roomForCost(limits.dailyCostCapMicroEur - day.costMicroEur, limits) },
    { quota: 'requestsPerMinute', left: limits.requestsPerMinute - minute.granted },
    {
      quota: second.granted > limits.requestsPerSecond ? 'burst' : 'requestsPerSecond',
      left: second.left,
    },
  ];
  const { quota, left } = rooms.reduce((tightest, one) => (one.left < tightest.left ? one : tightest));
  return { quota, left: Math.max(0, left) };
};

const roomForCost = (microEur: number, { requestCostMicroEur }: EdgeLimits): number => {
  if (requestCostMicroEur > 0) return Math.floor(microEur / requestCostMicroEur);
  return microEur > 0 ? Number.MAX_SAFE_INTEGER : 0;
};

/** Takes requests out of every window. The caller has looked at `room`. */
export const grant = (ledger: Ledger, limits: EdgeLimits, count: number): Ledger => ({
  ...ledger,
  second: {
    ...ledger.second,
    left: ledger.second.left - count,
    granted: ledger.second.granted + count,
  },
  minute: { ...ledger.minute, granted: ledger.minute.granted + count },
  day: {
    ...ledger.day,
    costMicroEur: ledger.day.costMicroEur + count * limits.requestCostMicroEur,
    granted: ledger.day.granted + count,
  },
});

/** Lends a block. The caller has looked at `room`. */
export const lend = (ledger: Ledger, limits: EdgeLimits, tokens: number, expiresAtMs: number): Ledger => {
  const lease = ledger.lastLease + 1;
  const { second, minute, day, loans } = ledger;
  const loan: Loan = {
    lease,
    tokens,
    secondMs: second.startMs,
    minuteMs: minute.startMs,
    dayMs: day.startMs,
    requestCostMicroEur: limits.requestCostMicroEur,
    expiresAtMs,
  };
  return { ...grant(ledger, limits, tokens), loans: [...loans, loan], lastLease: lease };
};

/**
 * Takes a block back, of which `unspent` tokens were never used. A window that has closed since gets nothing, and no second
 * may get more than the burst. A block that is not lent, or had fewer tokens, is left as it is: it came back before.
 */
export const takeBack = (ledger: Ledger, { burst }: EdgeLimits, lease: number, unspent: number): Ledger => {
  const loan = ledger.loans.find((one) => one.lease === lease);
  if (loan === undefined || unspent > loan.tokens) return ledger;
  const { second, minute, day } = ledger;
  const granted = second.startMs === loan.secondMs ? second.granted - unspent : second.granted;
  const left = Math.max(0, Math.min(second.left + unspent, burst - granted));
  const without = {
    costMicroEur: day.costMicroEur - unspent * loan.requestCostMicroEur,
    granted: day.granted - unspent,
  };
  return {
    ...ledger,
    second: { ...second, granted, left },
    minute: minute.startMs === loan.minuteMs ? { ...minute, granted: minute.granted - unspent } : minute,
    day: day.startMs === loan.dayMs ? { ...day, ...without } : day,
    loans: ledger.loans.filter((one) => one !== loan),
  };
};

/** What an ask was answered before the object started again. */
export const answerTo = ({ answers }: Ledger, { isolate, number }: Ask): Answer | undefined =>
  answers.find((given) => given.isolate === isolate && given.number === number)?.answer;

/** Keeps an answer until its isolate has it: it says so in a later ask. */
export const keepAnswer = (
  ledger: Ledger,
  { isolate, number, oldest }: Ask,
  answer: Answer,
  atMs: number,
): Ledger => {
  const kept = ledger.answers.filter(
    (given) => given.atMs + ASKED_AGAIN_MS > atMs && (given.isolate !== isolate || given.number >= oldest),
  );
  return { ...ledger, answers: [...kept, { isolate, number, answer, atMs }] };
};

/** Books costs that a request turned out to have. */
export const addCost = (ledger: Ledger, costMicroEur: number): Ledger => ({
  ...ledger,
  day: { ...ledger.day, costMicroEur: ledger.day.costMicroEur + costMicroEur },
});

/** Notes requests that were refused. */
export const addRefused = (ledger: Ledger, more: Refused): Ledger => {
  const refused: Partial<Record<EdgeQuota, number>> = { ...ledger.day.refused };
  for (const [quota, count] of Object.entries(more) as [EdgeQuota, number][])
    refused[quota] = (refused[quota] ?? 0) + count;
  return { ...ledger, day: { ...ledger.day, refused } };
};

/** Until the quota's window closes. */
export const resetsMs = ({ second, minute, day }: Ledger, quota: EdgeQuota, nowMs: number): number => {
  if (quota === 'dailyCostCapEur') return day.startMs + DAY_MS - nowMs;
  if (quota === 'requestsPerMinute') return minute.startMs + MINUTE_MS - nowMs;
  return second.startMs + SECOND_MS - nowMs;
};

export const limitOf = (limits: EdgeLimits, quota: EdgeQuota): number =>
  quota === 'dailyCostCapEur' ? limits.dailyCostCapMicroEur / 1_000_000 : limits[quota];
