import { describe, expect, it } from 'vitest';
import {
  type MaintenanceWindow,
  openingAt,
  startOf,
} from '../../../control-plane/jobs/maintenance-window.js';

const window = (changes: Partial<MaintenanceWindow> = {}): MaintenanceWindow => ({
  weekday: 'sunday',
  start: '03:00',
  durationMinutes: 120,
  timeZone: 'Europe/Madrid',
  ...changes,
});

const opening = (changes: Partial<MaintenanceWindow>, moment: string): string => {
  const { from, until } = openingAt(window(changes), new Date(moment));
  return `${from.toISOString().slice(0, 16)} ${until.toISOString().slice(0, 16)}`;
};

describe('A maintenance window', () => {
  it('is open from its start until its minutes are over', () => {
    const open = '2026-11-22T02:00 2026-11-22T04:00';
    expect(opening({}, '2026-11-22T01:59:59.999Z')).toBe(open);
    expect(opening({}, '2026-11-22T02:00:00Z')).toBe(open);
    expect(opening({}, '2026-11-22T03:59:59.999Z')).toBe(open);
    expect(opening({}, '2026-11-22T04:00:00Z')).toBe('2026-11-29T02:00 2026-11-29T04:00');
  });

  it('begins by the clock of its time zone, summer and winter', () => {
    expect(opening({}, '2026-07-01T00:00:00Z')).toBe('2026-07-05T01:00 2026-07-05T03:00');
    expect(opening({ timeZone: 'Asia/Kolkata' }, '2026-07-01T00:00:00Z')).toBe(
      '2026-07-04T21:30 2026-07-04T23:30',
    );
  });

  it('goes over midnight and over the end of a week', () => {
    const late = { weekday: 'sunday', start: '23:00', durationMinutes: 180, timeZone: 'UTC' } as const;
    expect(opening(late, '2026-11-23T01:59:00Z')).toBe('2026-11-22T23:00 2026-11-23T02:00');
    expect(opening(late, '2026-11-23T02:00:00Z')).toBe('2026-11-29T23:00 2026-11-30T02:00');
  });

  it('keeps its minutes on the nights when the clock is put forward or back', () => {
    const night = { start: '01:00', durationMinutes: 180 };
    expect(opening(night, '2026-03-28T12:00:00Z')).toBe('2026-03-29T00:00 2026-03-29T03:00');
    expect(opening(night, '2026-10-24T12:00:00Z')).toBe('2026-10-24T23:00 2026-10-25T02:00');
  });

  it('opens once on these nights, also at a time that is skipped or shown twice', () => {
    const night = { start: '02:30', durationMinutes: 60 };
    expect(opening(night, '2026-03-28T12:00:00Z')).toBe('2026-03-29T01:00 2026-03-29T02:00');
    expect(opening(night, '2026-03-29T02:00:00Z')).toBe('2026-04-05T00:30 2026-04-05T01:30');
    expect(opening(night, '2026-10-24T12:00:00Z')).toBe('2026-10-25T00:30 2026-10-25T01:30');
    expect(opening(night, '2026-10-25T01:30:00Z')).toBe('2026-11-01T01:30 2026-11-01T02:30');
  });
});

describe('A job that can wait', () => {
  const now = new Date('2026-11-23T00:00:00Z');
  const dueBy = new Date('2026-12-07T00:00:00Z');

  it('runs in the window, and waits for it outside', () => {
    expect(startOf([window()], now, dueBy)).toEqual({ when: 'then', at: new Date('2026-11-29T02:00:00Z') });
    expect(startOf([window()], new Date('2026-11-29T03:30:00Z'), dueBy)).toEqual({
      when: 'now',
      late: false,
    });
  });

  it('runs at once where nobody has a window', () => {
    expect(startOf([], now, dueBy)).toEqual({ when: 'now', late: false });
  });

  it('runs at once when it would be overdue by then, and says so', () => {
    expect(startOf([window()], now, new Date('2026-11-29T01:59:00Z'))).toEqual({ when: 'now', late: true });
    expect(startOf([window()], now, new Date('2026-11-29T02:00:00Z'))).toMatchObject({ when: 'then' });
    expect(startOf([window()], now, new Date(0))).toEqual({ when: 'now', late: true });
  });

  it('of several tenants waits for the moment that suits the most, the first of equal ones', () => {
    const at = (start: string, weekday: MaintenanceWindow['weekday'] = 'sunday') =>
      window({ start, weekday, timeZone: 'UTC' });
    const start = (windows: MaintenanceWindow[]) => startOf(windows, now, dueBy);
    expect(start([at('03:00'), at('04:00'), at('12:00', 'tuesday')])).toEqual({
      when: 'then',
      at: new Date('2026-11-29T04:00:00Z'),
    });
    expect(start([at('05:00'), at('03:00'), at('03:00'), at('05:30'), at('06:00', 'friday')])).toEqual({
      when: 'then',
      at: new Date('2026-11-29T03:00:00Z'),
    });
    const soon = new Date('2026-11-28T00:00:00Z');
    expect(startOf([at('03:00'), at('04:00'), at('12:00', 'tuesday')], now, soon)).toEqual({
      when: 'then',
      at: new Date('2026-11-24T12:00:00Z'),
    });
  });

  it('is decided quickly for a thousand tenants', () => {
    const windows = Array.from({ length: 1_000 }, (_, n) =>
      window({ start: `${String(n % 24).padStart(2, '0')}:${String(n % 60).padStart(2, '0')}` }),
    );
    const startedMs = performance.now();
    expect(startOf(windows, now, dueBy).when).toBe('then');
    expect(performance.now() - startedMs).toBeLessThan(20_000);
  });
});
