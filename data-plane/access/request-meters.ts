import { takeLease } from '../quotas/lease.js';
import { type LeaseSource, type RequestMeter, requestMeter } from '../quotas/request-meter.js';
import { withCellConnection } from './cells/cell-connection.js';
import type { CellPools } from './cells/cell-pools.js';
import { enter } from './context/session.js';
import type { Located } from './directory/directory.js';
import { AccessRefusal } from './refusals/refusal.js';

const TIME_LIMIT_MS = 10_000;
const KEPT_METERS = 10_000;

/** The quotas of requests, compute time, users and cost, by tenant. */
export interface RequestMeters {
  /**
   * Takes one request of a tenant, and returns who books the time that it took. The lease is taken where the request
   * is going: in its clinic, by the address that it was given.
   * @throws AccessRefusal `quota_exceeded` with what, limit, used and when it starts anew; `clinic_inactive`.
   */
  take(located: Located, userId: string): Promise<(computeMs: number) => void>;
}

export const requestMeters = (pools: CellPools, nowMs: () => number): RequestMeters => {
  /** In the order in which they were last used. */
  const meters = new Map<string, RequestMeter>();

  const meterOf = ({ tenantId, cell }: Located): RequestMeter => {
    const key = `${cell}/${tenantId}`;
    const meter = meters.get(key) ?? requestMeter(nowMs);
    meters.delete(key);
    meters.set(key, meter);
    // The one that was idle longest goes, with the time of its last runs; the others keep their leases.
    const [oldest] = meters.keys();
    if (meters.size > KEPT_METERS && oldest !== undefined) meters.delete(oldest);
    return meter;
  };

  const sourceOf = (located: Located): LeaseSource => {
    const { tenantId, clinicId } = located;
    const cell = pools.of(located);
    return {
      clinicId,
      server: cell,
      lease: (request) => {
        const limits = { timeoutMs: TIME_LIMIT_MS, signal: undefined };
        return withCellConnection(cell, `lease ${tenantId}`, limits, async ({ client, commit }) => {
          await enter(client, cell, { tenantId, clinicId });
          const lease = await takeLease(client, request);
          await commit().ended;
          return lease;
        });
      },
    };
  };

  return {
    take: async (located, userId) => {
      const meter = meterOf(located);
      const refused = await meter.take(userId, sourceOf(located));
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
