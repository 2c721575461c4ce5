import { type ErrorCode, RingfenceError } from '../../core/errors.js';
import { isMoving } from '../database/errors.js';
import type { Lease } from './lease.js';

/** The use that is booked with a lease, and the number of requests that it asks for. */
export interface LeaseRequest {
  readonly requests: number;
  readonly computeMs: number;
  readonly userIds: readonly string[];
}

/** The source of a request's lease: a transaction of its own, in the context of its own clinic. */
export interface LeaseSource {
  readonly clinicId: string;
  /** The server and how it is reached; the same object for the same server. */
  readonly server: object;
  /** @returns RingfenceError `quota_exceeded` where the tenant is over a limit. */
  lease(request: LeaseRequest): Promise<Lease | RingfenceError>;
}

/** Counts the requests of one tenant in this process, of all of its clinics. */
export interface RequestMeter {
  /**
   * Takes one request, from a lease that there is or from the source.
   * @param mayOwe while the tenant moves it is given no lease, and its writes wait; a request that may go on all the same is taken
   * from the next lease.
   * @returns RingfenceError `quota_exceeded` where it was not given.
   * @throws what the source threw, or another one's where that concerns this request as well.
   */
  take(
    userId: string | undefined,
    source: LeaseSource,
    options?: { readonly mayOwe?: boolean },
  ): Promise<RingfenceError | undefined>;
  /** Books server time that a request took. */
  book(computeMs: number): void;
}

const SMALLEST_LEASE = 10;
const LARGEST_LEASE = 1_000;
/** The most that the database books with one lease; the rest waits for the next. */
const BOOKED_USERS_MAX = 10_000;
const BOOKED_MS_MAX = 86_400_000;

/** Failures of a server, or of the tenant's turn at it. All others concern the clinic that asked. */
const OF_SERVER: ReadonlySet<ErrorCode> = new Set([
  'database_unavailable',
  'database_auth_failed',
  'quota_exceeded',
  'timeout',
]);

interface Asking {
  readonly source: LeaseSource;
  readonly done: Promise<void>;
}

/**
 * Leases grow while they are used up within their minute, so that a busy process asks seldom and an idle one holds
 * little. A refusal is remembered until its quota starts anew, at most for a second, so that a flood costs nothing.
 */
export const requestMeter = (now: () => Date): RequestMeter => {
  let lease: Lease = { requests: 0, expiresAtMs: 0 };
  let left = 0;
  /** Requests that were served without a lease. */
  let owed = 0;
  let size = SMALLEST_LEASE;
  let computeMs = 0;
  const users = new Set<string>();
  let refusal: { error: RingfenceError; untilMs: number } | undefined;
  let asking: Asking | undefined;

  const ask = async (source: LeaseSource): Promise<void> => {
    if (lease.requests > 0 && lease.expiresAtMs > now().getTime()) size = Math.min(size * 2, LARGEST_LEASE);
    else size = SMALLEST_LEASE;
    const booked = {
      requests: Math.min(size + owed, LARGEST_LEASE),
      computeMs: Math.min(Math.round(computeMs), BOOKED_MS_MAX),
      userIds: [...users].slice(0, BOOKED_USERS_MAX),
    };
    const answer = await source.lease(booked);
    computeMs = Math.max(0, computeMs - booked.computeMs);
    for (const userId of booked.userIds) users.delete(userId);
    if (answer instanceof Error) {
      const resetsMs = answer.quota?.resets ? Date.parse(answer.quota.resets) : Number.POSITIVE_INFINITY;
      refusal = { error: answer, untilMs: Math.min(resetsMs, now().getTime() + 1_000) };
      left = 0;
      return;
    }
    refusal = undefined;
    lease = answer;
    const paid = Math.min(owed, answer.requests);
    owed -= paid;
    left = answer.requests - paid;
  };

  const startAsking = (source: LeaseSource): Asking => {
    const done = ask(source).finally(() => {
      asking = undefined;
    });
    asking = { source, done };
    return asking;
  };

  return {
    take: async (userId, source, { mayOwe = false } = {}) => {
      if (userId !== undefined) users.add(userId);
      if (refusal && refusal.untilMs > now().getTime()) return refusal.error;
      // Ends: whoever asks by itself is given a lease or throws, and each round somebody asks.
      while (left <= 0 || lease.expiresAtMs <= now().getTime()) {
        const asked = asking ?? startAsking(source);
        try {
          await asked.done;
        } catch (error) {
          if (mayOwe && isMoving(error)) {
            owed += 1;
            return undefined;
          }
          if (concerns(error, asked.source, source)) throw error;
          continue;
        }
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

/** Whether what `asked` failed with is true of a request of `source` as well. */
const concerns = (error: unknown, asked: LeaseSource, source: LeaseSource): boolean => {
  if (asked.server !== source.server) return false;
  if (asked.clinicId === source.clinicId) return true;
  return error instanceof RingfenceError && OF_SERVER.has(error.code);
};
