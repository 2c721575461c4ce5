import { describe, expect, it } from 'vitest';
import { calendarOf, dayBetween, slotIn } from '../../../data-plane/demo/calendar.js';
import { randomFrom } from '../../../data-plane/demo/random.js';
import { hours } from '../../../manifest/dimensions/hours.js';

const today = new Date('2026-11-20T23:30:00Z');

describe('The calendar of a clinic', () => {
  it.each([
    ['Europe/Madrid', '2026-07-01', '2026-07-01T07:00:00.000Z'],
    ['Europe/Madrid', '2026-01-12', '2026-01-12T08:00:00.000Z'],
    ['Africa/Cairo', '2026-07-01', '2026-07-01T06:00:00.000Z'],
    ['America/St_Johns', '2026-01-12', '2026-01-12T12:30:00.000Z'],
    ['UTC', '2026-01-12', '2026-01-12T09:00:00.000Z'],
  ])('opens at nine in %s on %s', (timeZone, date, opening) => {
    const day = calendarOf(hours.parse({ timeZone }), today).days.find((open) => open.date === date);
    expect(new Date(day?.spans[0]?.openMs ?? 0).toISOString()).toBe(opening);
  });

  it('has no weekends, no holidays, and the date of its own time zone', () => {
    const calendar = calendarOf(
      hours.parse({ timeZone: 'Europe/Madrid', holidays: [{ date: '2026-10-12', name: 'Fiesta Nacional' }] }),
      today,
    );
    const dates = calendar.days.map((day) => day.date);
    expect(calendar.today).toBe('2026-11-21');
    expect(dates).not.toContain('2026-11-21');
    expect(dates).not.toContain('2026-10-12');
    expect(dates).toContain('2026-10-13');
    expect(dates[calendar.todayIndex]).toBe('2026-11-23');
  });

  it('starts appointments so that they end before closing, in each span', () => {
    const spans = [
      { open: '09:30', close: '14:00' },
      { open: '16:00', close: '20:00' },
    ];
    const calendar = calendarOf(hours.parse({ weekly: { monday: spans } }), today);
    const random = randomFrom('slots');
    const used = new Set<number>();
    for (let round = 0; round < 300; round++) {
      const day = dayBetween(calendar, 0, calendar.days.length, random);
      const start = slotIn(day, 90, random).getTime();
      const within = day.spans.findIndex(
        ({ openMs, closeMs }) => start >= openMs && start + 90 * 60_000 <= closeMs,
      );
      expect(within).not.toBe(-1);
      used.add(within);
    }
    expect(used.size).toBe(2);
  });
});
