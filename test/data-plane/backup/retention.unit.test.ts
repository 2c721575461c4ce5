import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expiredBackups } from '../../../data-plane/backup/retention.js';

const retention = { timeZone: 'Europe/Madrid', retentionDays: 3, retentionWeeks: 2, retentionMonths: 2 };
const at = (...times: string[]) => times.map((time) => ({ startedAt: new Date(time) }));
const days = (backups: readonly { startedAt: Date }[]) =>
  backups.map(({ startedAt }) => startedAt.toISOString().slice(0, 16)).sort();

describe('which backups have outlived their retention', () => {
  it('keeps the last of each day, week and month', () => {
    const backups = at(
      '2026-11-22T02:15Z',
      '2026-11-21T23:30Z', // already the 22nd in Madrid
      '2026-11-21T02:15Z',
      '2026-11-20T02:15Z',
      '2026-11-19T02:15Z',
      '2026-11-15T02:15Z', // Sunday: the last of the week before
      '2026-11-14T02:15Z',
      '2026-10-31T02:15Z', // the last of October
      '2026-10-30T02:15Z',
      '2026-09-30T02:15Z',
    );
    expect(days(expiredBackups(backups, retention))).toEqual([
      '2026-09-30T02:15',
      '2026-10-30T02:15',
      '2026-11-14T02:15',
      '2026-11-19T02:15',
      '2026-11-21T23:30',
    ]);
  });

  it('always keeps the newest, however little is kept', () => {
    const none = { ...retention, retentionDays: 1, retentionWeeks: 0, retentionMonths: 0 };
    expect(days(expiredBackups(at('2020-01-01T00:00Z', '2020-01-02T00:00Z'), none))).toEqual([
      '2020-01-01T00:00',
    ]);
    expect(expiredBackups([], none)).toEqual([]);
  });

  it('removes nothing more when it is asked again, and never more than it should', () => {
    const times = fc.array(
      fc.date({ min: new Date('2025-01-01'), max: new Date('2026-12-31'), noInvalidDate: true }),
      {
        minLength: 1,
        maxLength: 60,
      },
    );
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 9 }), (dates, d, w) => {
        const backups = dates.map((startedAt) => ({ startedAt }));
        const keep = { timeZone: 'Europe/Madrid', retentionDays: d, retentionWeeks: w, retentionMonths: 3 };
        const gone = new Set(expiredBackups(backups, keep));
        const kept = backups.filter((backup) => !gone.has(backup));
        expect(expiredBackups(kept, keep)).toEqual([]);
        expect(kept.length).toBeGreaterThanOrEqual(1);
        expect(kept.length).toBeLessThanOrEqual(d + w + 3);
        expect(Math.max(...kept.map(({ startedAt }) => startedAt.getTime()))).toBe(
          Math.max(...dates.map((date) => date.getTime())),
        );
      }),
      { numRuns: 300 },
    );
  });
});
