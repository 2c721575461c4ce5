import { takeLease } from '../quotas/lease.js';
import { type LeaseSource, requestMeter } from '../quotas/request-meter.js';
import { withCellConnection } from './cells/cell-connection.js';
import type { CellPools } from './cells/cell-pools.js';
import { enter } from './context/session.js';
import { epochOf, type Located } from './directory/directory.js';
import { AccessRefusal } from './refusals/refusal.js';

const TIME_LIMIT_MS = 10_000;
const KEPT_METERS = 10_000;

/** The quotas of requests, compute time, users and cost, by tenant. */
export interface RequestMeters {
  /**
   * Takes one request of a tenant, and returns who books the time that it took. The lease is taken where the request
   * is going: in its clinic, by the address that it was given. A request that only reads waits for none while the tenant moves.
   * @throws AccessRefusal `quota_exceeded` with what, limit, used and when it starts anew; `clinic_inactive`.
   */
  take(
    located: Located,
    userId: string,
    options: { readonly readOnly: boolean },
  ): Promise<(computeMs: number) => void>;
}

export const requestMeters = (pools: CellPools, now: () => Date): RequestMeters => {
  // A tenant whose meter is let go asks for a lease again; the time of its last runs is not booked.
  const meterOf = lastUsed(KEPT_METERS, () => requestMeter(now));

  const sourceOf = (located: Located): LeaseSource => {
    const { tenantId, clinicId } = located;
    const cell = pools.of(located);
    return {
      clinicId,
      server: cell,
      lease: (request) => {
        const limits = { timeoutMs: TIME_LIMIT_MS, signal: undefined };
        return withCellConnection(cell, `lease ${tenantId}`, limits, async ({ client, commit }) => {
          await enter(client, cell, { subject: { tenantId, clinicId, ...epochOf(located) } });
          const lease = await takeLease(client, request);
          await commit().ended;
          return lease;
        });
      },
    };
  };

  return {
    take: async (located, userId, { readOnly }) => {
      // A move carries the use of a tenant along, and what was leased of it with it: a lease is good at the new home.
      const meter = meterOf(located.tenantId);
      const refused = await meter.take(userId, sourceOf(located), { mayOwe: readOnly });
      if (refused) {
        const { message, fix, quota } = refused;
        throw new AccessRefusal('quota_exceeded', 'quota_exceeded', message, {
          ...(fix === undefined ? {} : { fix }),
          ...(quota ? { quota } : {}),
        });
      }
      return meter.book;
    },
  };
};

/** Keeps so many values by key, and lets go of the one that was not asked for longest. */
export const lastUsed = <Value>(kept: number, make: () => Value): ((key: string) => Value) => {
  /** The least recently used is first. */
  const values = new Map<string, Value>();
  return (key) => {
    const value = values.get(key) ?? make();
    values.delete(key);
    values.set(key, value);
    const [oldest] = values.keys();
    if (values.size > kept && oldest !== undefined) values.delete(oldest);
    return value;
  };
};
