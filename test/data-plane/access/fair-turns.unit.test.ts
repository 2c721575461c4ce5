import { describe, expect, it } from 'vitest';
import { fairTurns } from '../../../data-plane/access/cells/fair-turns.js';

const LIMITS = { connections: 2, perTenant: 2, waitMs: 1_000, waitingPerTenant: 3 };

describe('fair turns', () => {
  it('go round the tenants that wait, each one in its own order', async () => {
    const turns = fairTurns({ ...LIMITS, connections: 1 });
    const first = await turns.take('a');
    const served: string[] = [];
    const waiting = ['a1', 'a2', 'a3', 'b1', 'b2', 'c1'].map(async (name) => {
      const giveBack = await turns.take(name.charAt(0));
      served.push(name);
      giveBack();
    });
    first();
    first();
    await Promise.all(waiting);
    expect(served).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
  });

  it('never exceed the limits, whatever the order of takes and returns', async () => {
    const turns = fairTurns({ connections: 5, perTenant: 2, waitMs: 5_000, waitingPerTenant: 1_000 });
    const held = new Map<string, number>();
    let all = 0;
    const use = async (tenant: string, n: number): Promise<void> => {
      const giveBack = await turns.take(tenant);
      held.set(tenant, (held.get(tenant) ?? 0) + 1);
      expect(++all).toBeLessThanOrEqual(5);
      expect(held.get(tenant)).toBeLessThanOrEqual(2);
      for (let tick = 0; tick < n % 4; tick++) await Promise.resolve();
      held.set(tenant, (held.get(tenant) ?? 0) - 1);
      all--;
      giveBack();
    };
    await Promise.all(Array.from({ length: 500 }, (_, n) => use(`tenant-${(n * n) % 7}`, n)));
    expect(all).toBe(0);
  });

  it('are refused when too many wait, when the wait is too long, and when the request is cancelled', async () => {
    const turns = fairTurns({ ...LIMITS, perTenant: 1, waitMs: 30 });
    const giveBack = await turns.take('a');
    const stop = new AbortController();
    const cancelled = turns.take('a', stop.signal);
    const waiting = [turns.take('a'), turns.take('a')];
    stop.abort();
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
    waiting.push(turns.take('a'));
    await expect(turns.take('a')).rejects.toMatchObject({ code: 'quota_exceeded' });
    for (const turn of waiting) await expect(turn).rejects.toMatchObject({ code: 'quota_exceeded' });
    (await turns.take('b'))();
    giveBack();
    (await turns.take('a'))();
  });

  it('tell a full cell from a tenant at its limit', async () => {
    const turns = fairTurns({ ...LIMITS, waitMs: 10 });
    await turns.take('a');
    await turns.take('b');
    await expect(turns.take('c')).rejects.toMatchObject({ code: 'database_unavailable' });
  });
});
