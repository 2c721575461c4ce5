import { describe, expect, it } from 'vitest';
import { RingfenceError } from '../../../core/errors.js';
import type { Lease } from '../../../data-plane/quotas/lease.js';
import {
  type LeaseRequest,
  type LeaseSource,
  requestMeter,
} from '../../../data-plane/quotas/request-meter.js';

const quotaOf = (resets: string | null) =>
  new RingfenceError('quota_exceeded', 'over', { quota: { what: 'x', limit: 1, used: 2, resets } });

/** A meter over a source that grants from a budget, with a clock that the test turns. */
const scene = (budget: number) => {
  const clock = { nowMs: 0 };
  const asked: LeaseRequest[] = [];
  const state = { budget };
  const lease: LeaseSource['lease'] = async (request) => {
    asked.push(request);
    if (state.budget === 0) return quotaOf(null);
    const requests = Math.min(request.requests, state.budget);
    state.budget -= requests;
    return { requests, expiresAtMs: 60_000 * (Math.floor(clock.nowMs / 60_000) + 1) } satisfies Lease;
  };
  const meter = requestMeter(() => new Date(clock.nowMs));
  const take = (userId?: string, source = sourceOf(lease)) => meter.take(userId, source);
  return { clock, asked, state, lease, meter, take };
};

const SERVER = {};
const sourceOf = (lease: LeaseSource['lease'], clinicId = 'open', server = SERVER): LeaseSource => ({
  clinicId,
  server,
  lease,
});

describe('the request meter', () => {
  it('never lets more through than was granted, whatever comes at once', async () => {
    const { take } = scene(137);
    const outcomes = await Promise.allSettled(Array.from({ length: 400 }, () => take()));
    expect(
      outcomes.filter((outcome) => outcome.status === 'fulfilled' && outcome.value === undefined),
    ).toHaveLength(137);
  });

  it('asks seldom when it is busy', async () => {
    const { take, asked } = scene(100_000);
    for (let n = 0; n < 20_000; n++) await take();
    expect(asked.length).toBeLessThan(30);
  });

  it('does not ask at every request of a flood, and lets through again soon after', async () => {
    const { take, asked, clock, state } = scene(0);
    for (let n = 0; n < 1_000; n++) expect(await take()).toMatchObject({ code: 'quota_exceeded' });
    expect(asked).toHaveLength(1);
    state.budget = 5;
    clock.nowMs += 1_001;
    expect(await take()).toBeUndefined();
  });

  it('does not carry a lease over its minute', async () => {
    const { take, asked, clock } = scene(1_000);
    await take();
    clock.nowMs += 60_000;
    await take();
    expect(asked).toHaveLength(2);
  });

  it('books each user once and the time of all, and keeps both when the source fails', async () => {
    let fail = true;
    const asked: LeaseRequest[] = [];
    const meter = requestMeter(() => new Date(0));
    const source = sourceOf(async (request) => {
      asked.push(request);
      if (fail) throw new RingfenceError('database_unavailable', 'gone');
      return { requests: 1, expiresAtMs: 1e15 };
    });
    meter.book(7);
    meter.book(5.4);
    await expect(meter.take('a', source)).rejects.toMatchObject({ code: 'database_unavailable' });
    fail = false;
    await meter.take('a', source);
    await meter.take('b', source);
    expect(asked.map(({ computeMs, userIds }) => [computeMs, userIds])).toEqual([
      [12, ['a']],
      [12, ['a']],
      [0, ['b']],
    ]);
  });

  it('tells of a closed clinic nobody but those who ask for it', async () => {
    const { take, lease, asked } = scene(100);
    let attempts = 0;
    const closed = sourceOf(async () => {
      attempts++;
      throw new RingfenceError('clinic_inactive', 'closed');
    }, 'closed');
    const outcomes = await Promise.allSettled(
      Array.from({ length: 60 }, (_, n) => take(undefined, n % 3 === 0 ? closed : sourceOf(lease))),
    );
    expect(outcomes.map(({ status }) => status).filter((_, n) => n % 3 !== 0)).toEqual(
      Array.from({ length: 40 }, () => 'fulfilled'),
    );
    expect(attempts).toBe(1);
    expect(asked.length).toBeLessThan(5);
  });

  it('asks once for all of a server that does not answer, and elsewhere for those who go elsewhere', async () => {
    const { take, lease } = scene(100);
    let attempts = 0;
    const gone: LeaseSource['lease'] = async () => {
      attempts++;
      throw new RingfenceError('database_unavailable', 'gone');
    };
    const moved = {};
    const outcomes = await Promise.allSettled([
      ...['a', 'b', 'c', 'a'].map((clinicId) => take(undefined, sourceOf(gone, clinicId))),
      take(undefined, sourceOf(lease, 'a', moved)),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual([...Array(4).fill('rejected'), 'fulfilled']);
    expect(attempts).toBe(1);
  });

  it('books no more at once than the database takes, and the rest later', async () => {
    const { meter, take, asked, clock } = scene(1_000_000);
    meter.book(100_000_000);
    for (let n = 0; n < 10_001; n++) {
      void take(`user ${n}`).catch(() => undefined);
    }
    await take();
    clock.nowMs += 60_000;
    await take();
    clock.nowMs += 60_000;
    await take();
    for (const { computeMs, userIds } of asked) {
      expect(computeMs).toBeLessThanOrEqual(86_400_000);
      expect(userIds.length).toBeLessThanOrEqual(10_000);
    }
    expect(asked.reduce((sum, { computeMs }) => sum + computeMs, 0)).toBe(100_000_000);
    expect(asked.flatMap(({ userIds }) => userIds)).toHaveLength(10_001);
  });
});
