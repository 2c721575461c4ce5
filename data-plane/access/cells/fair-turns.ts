import { RingfenceError } from '../../../core/errors.js';
import { AccessRefusal } from '../refusals/refusal.js';

/** Limits of one cell's connections in this process. */
export interface TurnLimits {
  /** Connections altogether. */
  readonly connections: number;
  /** Connections that one tenant may hold at once. */
  readonly perTenant: number;
  /** Longest wait for a turn. */
  readonly waitMs: number;
  /** Requests of one tenant that may wait; more are refused at once. */
  readonly waitingPerTenant: number;
}

/** Deals out a cell's connections so that no tenant waits for another one's crowd. */
export interface FairTurns {
  /**
   * @returns a function that gives the turn back.
   * @throws AccessRefusal `quota_exceeded` when the tenant's own requests take all it may have; RingfenceError
   *   `database_unavailable` when the cell is full; `cancelled` when the signal fires.
   */
  take(tenantId: string, signal?: AbortSignal): Promise<() => void>;
}

interface Waiting {
  readonly start: () => void;
}

export const fairTurns = (limits: TurnLimits): FairTurns => {
  /** Tenants that wait, in the order in which they are served; each one's requests in the order they came. */
  const queues = new Map<string, Waiting[]>();
  const held = new Map<string, number>();
  let free = limits.connections;

  const heldBy = (tenantId: string): number => held.get(tenantId) ?? 0;
  const mayStart = (tenantId: string): boolean => free > 0 && heldBy(tenantId) < limits.perTenant;

  const begin = (tenantId: string): (() => void) => {
    free--;
    held.set(tenantId, heldBy(tenantId) + 1);
    let given = false;
    return () => {
      if (given) return;
      given = true;
      free++;
      const left = heldBy(tenantId) - 1;
      if (left > 0) held.set(tenantId, left);
      else held.delete(tenantId);
      startNext();
    };
  };

  const startNext = (): void => {
    for (const [tenantId, queue] of queues) {
      if (free === 0) return;
      if (!mayStart(tenantId)) continue;
      const next = queue.shift();
      queues.delete(tenantId);
      // Served once, a tenant goes behind all others that wait.
      if (queue.length > 0) queues.set(tenantId, queue);
      next?.start();
    }
  };

  const refuse = (tenantId: string): RingfenceError => {
    const used = heldBy(tenantId);
    return used >= limits.perTenant || (queues.get(tenantId)?.length ?? 0) >= limits.waitingPerTenant
      ? new AccessRefusal(
          'quota_exceeded',
          'connections_exhausted',
          'this tenant has too many requests at once',
          {
            fix: 'try again shortly',
            quota: { what: 'connections', limit: limits.perTenant, used, resets: null },
          },
        )
      : new RingfenceError('database_unavailable', 'the database has no connection left', {
          fix: 'try again shortly',
        });
  };

  return {
    take(tenantId, signal) {
      if (signal?.aborted) return Promise.reject(cancelled());
      if (mayStart(tenantId) && !queues.has(tenantId)) return Promise.resolve(begin(tenantId));
      const queue = queues.get(tenantId) ?? [];
      if (queue.length >= limits.waitingPerTenant) return Promise.reject(refuse(tenantId));
      return new Promise((resolve, reject) => {
        const leave = (error: RingfenceError): void => {
          queue.splice(queue.indexOf(waiting), 1);
          if (queue.length === 0 && queues.get(tenantId) === queue) queues.delete(tenantId);
          settle();
          reject(error);
        };
        const onAbort = (): void => leave(cancelled());
        const timer = setTimeout(() => leave(refuse(tenantId)), limits.waitMs);
        const settle = (): void => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', onAbort);
        };
        const waiting: Waiting = {
          start: () => {
            settle();
            resolve(begin(tenantId));
          },
        };
        signal?.addEventListener('abort', onAbort, { once: true });
        queue.push(waiting);
        queues.set(tenantId, queue);
      });
    },
  };
};

export const cancelled = (): RingfenceError =>
  new RingfenceError('cancelled', 'the request was cancelled; nothing was saved');
