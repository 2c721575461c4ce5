import type { RingfenceError } from '../../tenants/errors.js';
import type { Lease } from './lease.js';

/** How the meter gets a lease: in a transaction of its own, in the clinic's context. */
export type LeaseSource = (request: {
  readonly requests: number;
  readonly computeMs: number;
  readonly userIds: readonly string[];
}) => Promise<Lease | RingfenceError>;

/** Counts the requests of one tenant in this process. */
export interface RequestMeter {
  /** Takes one request. @returns RingfenceError `quota_exceeded` where it was not given. @throws what the source threw. */
  take(userId: string | undefined): Promise<RingfenceError | undefined>;
  /** Books server time that a request took. */
  book(computeMs: number): void;
}

const SMALLEST_LEASE = 10;
const LARGEST_LEASE = 1_000;

/**
 * Leases grow while they are used up within their minute, so that a busy process asks seldom and an idle one holds
 * little. A refusal is remembered until its quota starts anew, at most for a second, so that a flood costs nothing.
 */
export const requestMeter = (source: LeaseSource, nowMs: () => number): RequestMeter => {
  let lease: Lease = { requests: 0, expiresAtMs: 0 };
  let left = 0;
  let size = SMALLEST_LEASE;
  let computeMs = 0;
  const users = new Set<string>();
  let refusal: { error: RingfenceError; untilMs: number } | undefined;
  let asking: Promise<void> | undefined;

  const ask = async (): Promise<void> => {
    if (lease.requests > 0 && lease.expiresAtMs > nowMs()) size = Math.min(size * 2, LARGEST_LEASE);
    else size = SMALLEST_LEASE;
    const booked = { requests: size, computeMs: Math.round(computeMs), userIds: [...users] };
    const answer = await source(booked);
    computeMs = Math.max(0, computeMs - booked.computeMs);
    for (const userId of booked.userIds) users.delete(userId);
    if (answer instanceof Error) {
      const resetsMs = answer.quota?.resets ? Date.parse(answer.quota.resets) : Number.POSITIVE_INFINITY;
      refusal = { error: answer, untilMs: Math.min(resetsMs, nowMs() + 1_000) };
      left = 0;
      return;
    }
    refusal = undefined;
    lease = answer;
    left = answer.requests;
  };

  return {
    take: async (userId) => {
      if (userId !== undefined) users.add(userId);
      if (refusal && refusal.untilMs > nowMs()) return refusal.error;
      while (left <= 0 || lease.expiresAtMs <= nowMs()) {
        asking ??= ask().finally(() => {
          asking = undefined;
        });
        await asking;
        if (refusal) return refusal.error;
      }
      left -= 1;
      return undefined;
    },
    book: (milliseconds) => {
      computeMs += milliseconds;
    },
  };
};
