import { describe, expect, it } from 'vitest';
import type { Lease } from '../../../data-plane/quotas/lease.js';
import { type LeaseSource, requestMeter } from '../../../data-plane/quotas/request-meter.js';
import { RingfenceError } from '../../../tenants/errors.js';

const quotaOf = (resets: string | null) =>
  new RingfenceError('quota_exceeded', 'over', { quota: { what: 'x', limit: 1, used: 2, resets } });

/** A meter over a source that grants from a budget, with a clock that the test turns. */
const scene = (budget: number) => {
  const clock = { nowMs: 0 };
  const asked: Parameters<LeaseSource>[0][] = [];
  const state = { budget };
  const source: LeaseSource = async (request) => {
    asked.push(request);
    if (state.budget === 0) return quotaOf(null);
    const requests = Math.min(request.requests, state.budget);
    state.budget -= requests;
    return { requests, expiresAtMs: 60_000 * (Math.floor(clock.nowMs / 60_000) + 1) } satisfies Lease;
  };
  return { clock, asked, state, meter: requestMeter(source, () => clock.nowMs) };
};

describe('the request meter', () => {
  it('never lets more through than was granted, whatever comes at once', async () => {
    const { meter } = scene(137);
    const outcomes = await Promise.allSettled(Array.from({ length: 400 }, () => meter.take(undefined)));
    expect(
      outcomes.filter((outcome) => outcome.status === 'fulfilled' && outcome.value === undefined),
    ).toHaveLength(137);
  });

  it('asks seldom when it is busy', async () => {
    const { meter, asked } = scene(100_000);
    for (let n = 0; n < 20_000; n++) await meter.take(undefined);
    expect(asked.length).toBeLessThan(30);
  });

  it('does not ask at every request of a flood, and lets through again soon after', async () => {
    const { meter, asked, clock, state } = scene(0);
    for (let n = 0; n < 1_000; n++)
      expect(await meter.take(undefined)).toMatchObject({ code: 'quota_exceeded' });
    expect(asked).toHaveLength(1);
    state.budget = 5;
    clock.nowMs += 1_001;
    expect(await meter.take(undefined)).toBeUndefined();
  });

  it('does not carry a lease over its minute', async () => {
    const { meter, asked, clock } = scene(1_000);
    await meter.take(undefined);
    clock.nowMs += 60_000;
    await meter.take(undefined);
    expect(asked).toHaveLength(2);
  });

  it('books each user once and the time of all, and keeps both when the source fails', async () => {
    let fail = true;
    const asked: Parameters<LeaseSource>[0][] = [];
    const meter = requestMeter(
      async (request) => {
        asked.push(request);
        if (fail) throw new RingfenceError('database_unavailable', 'gone');
        return { requests: 1, expiresAtMs: 1e15 };
      },
      () => 0,
    );
    meter.book(7);
    meter.book(5.4);
    await expect(meter.take('a')).rejects.toMatchObject({ code: 'database_unavailable' });
    fail = false;
    await meter.take('a');
    await meter.take('b');
    expect(asked.map(({ computeMs, userIds }) => [computeMs, userIds])).toEqual([
      [12, ['a']],
      [12, ['a']],
      [0, ['b']],
    ]);
  });
});
