import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  delayMinutes,
  dueBackups,
  type ScheduledTenant,
} from '../../../control-plane/backups/due-backups.js';

const MINUTE_MS = 60_000;

const tenant = (lastStartedAt: string | null, changes: Partial<ScheduledTenant> = {}): ScheduledTenant => ({
  tenantId: randomUUID(),
  slug: 'uno',
  cron: '15 2 * * *',
  timeZone: 'Europe/Madrid',
  lastStartedAt: lastStartedAt ? new Date(lastStartedAt) : null,
  ...changes,
});
/** The tenant's own moment: its delay after this time. */
const delayed = (time: string, { tenantId }: ScheduledTenant, minutes = 0) =>
  new Date(Date.parse(time) + (delayMinutes(tenantId) + minutes) * MINUTE_MS);

describe('which backups are due', () => {
  it('at its time in its time zone, summer and winter', () => {
    const winter = tenant('2026-01-09T02:00:00Z');
    expect(dueBackups([winter], delayed('2026-01-10T01:14:00Z', winter))).toEqual([]);
    expect(dueBackups([winter], delayed('2026-01-10T01:15:00Z', winter))).toEqual([winter]);
    const summer = tenant('2026-07-09T01:00:00Z');
    expect(dueBackups([summer], delayed('2026-07-10T00:14:00Z', summer))).toEqual([]);
    expect(dueBackups([summer], delayed('2026-07-10T00:15:00Z', summer))).toEqual([summer]);
  });

  it('on the nights when a clock is put forward or back, once', () => {
    for (const [night, time] of [
      ['2026-03-29', '2026-03-29T01:30:00Z'],
      ['2026-10-25', '2026-10-25T02:30:00Z'],
    ] as const) {
      const one = tenant(`${night}T00:00:00Z`, {
        lastStartedAt: new Date(Date.parse(`${night}T00:00:00Z`) - 20 * 3_600_000),
      });
      expect(dueBackups([one], delayed(time, one)), night).toEqual([one]);
      const begun = { ...one, lastStartedAt: delayed(time, one) };
      expect(dueBackups([begun], delayed(time, one, 120)), night).toEqual([]);
    }
  });

  it('at once when it was missed, and once however often', () => {
    const missed = tenant('2026-01-01T01:20:00Z');
    const now = new Date('2026-01-10T15:00:00Z');
    expect(dueBackups([missed], now)).toEqual([missed]);
    expect(dueBackups([{ ...missed, lastStartedAt: now }], new Date(now.getTime() + MINUTE_MS))).toEqual([]);
    expect(dueBackups([tenant(null)], now)).toHaveLength(1);
  });

  it('spread over twenty minutes, evenly, each tenant always at the same minute', () => {
    const counts = new Map<number, number>();
    for (let n = 0; n < 2_000; n++) {
      const id = randomUUID();
      const delay = delayMinutes(id);
      expect(delayMinutes(id)).toBe(delay);
      counts.set(delay, (counts.get(delay) ?? 0) + 1);
    }
    expect(counts.size).toBe(20);
    expect(Math.max(...counts.values())).toBeLessThan(200);
  });
});
