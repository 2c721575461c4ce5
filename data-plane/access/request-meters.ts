import { takeLease } from '../quotas/lease.js';
import { type RequestMeter, requestMeter } from '../quotas/request-meter.js';
import { withCellConnection } from './cells/cell-connection.js';
import type { CellPools } from './cells/cell-pools.js';
import { enter } from './context/session.js';
import type { Located } from './directory/directory.js';
import { AccessRefusal } from './refusal.js';

const TIME_LIMIT_MS = 10_000;
const KEPT_METERS = 10_000;

/** The quotas of requests, compute time, users and cost, by tenant. */
export interface RequestMeters {
  /**
   * Takes one request of a tenant, and returns who books the time that it took.
   * @throws AccessRefusal `quota_exceeded` with what, limit, used and when it starts anew.
   */
  take(located: Located, userId: string): Promise<(computeMs: number) => void>;
}

export const requestMeters = (pools: CellPools, nowMs: () => number): RequestMeters => {
  const meters = new Map<string, RequestMeter>();

  const meterOf = (located: Located): RequestMeter => {
    const { tenantId, clinicId, cell: name } = located;
    const known = meters.get(`${name}/${tenantId}`);
    if (known) return known;
    if (meters.size >= KEPT_METERS) meters.clear();
    const meter = requestMeter((request) => {
      const cell = pools.of(located);
      const limits = { timeoutMs: TIME_LIMIT_MS, signal: undefined };
      return withCellConnection(cell, `lease ${tenantId}`, limits, async ({ client, commit }) => {
        await enter(client, cell, { tenantId, clinicId });
        const lease = await takeLease(client, request);
        await commit().ended;
        return lease;
      });
    }, nowMs);
    meters.set(`${name}/${tenantId}`, meter);
    return meter;
  };

  return {
    take: async (located, userId) => {
      const meter = meterOf(located);
      const refused = await meter.take(userId);
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
