import type { DurableObjectStub, ExecutionContext } from '@cloudflare/workers-types';
import type { TenantEntry } from '../document/tenant-entry.js';
import { type Answer, LIFE_MS, type Terms } from '../limits/lease-protocol.js';
import { createPurse, type Purse } from '../limits/purse.js';
import { SEAT_HELD_MS, type SeatAnswer } from '../limits/seats.js';
import { BoundedMap } from './bounded-map.js';
import { overQuota } from './refused.js';
import type { TenantLimits } from './tenant-limits.js';

const SEATS_MAX = 20_000;

/** A seat that this isolate need not ask for again. */
interface HeldSeat {
  readonly heldUntilMs: number;
  readonly untilMs: number;
  /** Whether the object gave it to this isolate first, and no origin has taken its user in yet. */
  isUnproven: boolean;
}

/** What this isolate knows of one tenant's limits. */
export interface Gate {
  readonly purse: Purse;
  readonly seats: BoundedMap<string, HeldSeat>;
}

export const createGate = (): Gate => ({ purse: createPurse(), seats: new BoundedMap(SEATS_MAX) });

/** A random name of this isolate. It is drawn at the first request: before one there is no randomness. */
let isolate: string | undefined;

/** What one request needs to pass a gate. */
export interface Passing {
  readonly gate: Gate;
  readonly entry: TenantEntry;
  readonly object: () => DurableObjectStub<TenantLimits>;
  readonly context: Pick<ExecutionContext, 'waitUntil'>;
}

export const termsOf = ({ revision, limits, jurisdiction }: TenantEntry): Terms => ({
  revision,
  limits,
  jurisdiction,
});

/** An object that starts again is asked once more. If it had heard the first time, it answers the same. */
const twice = <T>(call: () => Promise<T>): Promise<T> => call().catch(call);

/** @returns a refusal, or nothing. @throws where the object does not answer: then nobody passes. */
export const takeSeat = async (
  { gate, entry, object }: Passing,
  user: string,
): Promise<Response | undefined> => {
  const askedAtMs = Date.now();
  if ((gate.seats.get(user)?.heldUntilMs ?? 0) > askedAtMs) return undefined;
  const answer = await twice<SeatAnswer>(async () => object().takeSeat(termsOf(entry), user));
  if (!answer.taken) return overQuota('concurrentUsers', entry.limits, answer.resetsMs);
  const { untilMs, isNew } = answer;
  gate.seats.set(user, { heldUntilMs: askedAtMs + SEAT_HELD_MS, untilMs, isUnproven: isNew });
  return undefined;
};

/** An origin that refuses a user leaves the seat to somebody else; afterwards it keeps it. */
export const proveSeat = ({ gate, object, context }: Passing, user: string, isTakenIn: boolean): void => {
  const seat = gate.seats.get(user);
  if (seat?.isUnproven !== true) return;
  seat.isUnproven = false;
  if (isTakenIn) return;
  gate.seats.delete(user);
  context.waitUntil(object().releaseSeat(user, seat.untilMs));
};

/** Takes a token that is here, or asks for one. @returns and @throws as `takeSeat`. */
export const takeToken = (passing: Passing): Response | undefined | Promise<Response | undefined> => {
  const { gate, entry, context } = passing;
  const nowMs = Date.now();
  if (gate.purse.spend(nowMs)) {
    if (gate.purse.isLow(nowMs)) context.waitUntil(ask(passing, 0).catch(() => undefined));
    return undefined;
  }
  const refusal = gate.purse.refuse(nowMs);
  return refusal ? overQuota(refusal.quota, entry.limits, refusal.resetsMs) : ask(passing, 1);
};

const ask = async (passing: Passing, waiting: 0 | 1): Promise<Response | undefined> => {
  const { gate, entry, object, context } = passing;
  isolate ??= crypto.randomUUID();
  const asked = gate.purse.begin(Date.now());
  try {
    const { number, oldest, want, settlement } = asked;
    const question = { isolate, number, oldest, waiting, want, settlement };
    const answer = await twice<Answer>(async () => object().ask(termsOf(entry), question));
    gate.purse.receive(answer, asked);
    if (answer.block || answer.refusal) context.waitUntil(settleLater(passing));
    return answer.refusal
      ? overQuota(answer.refusal.quota, entry.limits, answer.refusal.resetsMs)
      : undefined;
  } catch (error) {
    gate.purse.lose(asked);
    throw error;
  }
};

/** Puts back what is unspent once its block has expired, also where no request comes any more. */
const settleLater = async ({ gate, entry, object }: Passing): Promise<void> => {
  await new Promise((resolve) => setTimeout(resolve, LIFE_MS));
  const settlement = gate.purse.settle(Date.now());
  if (settlement)
    await twice(async () => object().settle(termsOf(entry), settlement)).catch(() =>
      gate.purse.sayAgain(settlement),
    );
};
