import type { z } from 'zod';
import { RingfenceError } from '../../core/errors.js';
import type { hours } from '../../manifest/dimensions/hours.js';
import type { Random } from './random.js';

/** A clinic's opening hours, as in its configuration. */
export type Hours = z.output<typeof hours>;

const PAST_DAYS = 730;
const FUTURE_DAYS = 45;
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;

/** A day on which the clinic is open, in its own time zone. */
export interface OpenDay {
  /** `2026-11-21` */
  readonly date: string;
  /** Instants, in milliseconds. */
  readonly spans: readonly { readonly openMs: number; readonly closeMs: number }[];
}

/** The open days of two years back and six weeks ahead, in order. */
export interface Calendar {
  readonly days: readonly OpenDay[];
  /** Today's date at the clinic. */
  readonly today: string;
  /** Index of today, or of the next open day; the days before it are past. */
  readonly todayIndex: number;
}

export const calendarOf = (hours: Hours, today: Date): Calendar => {
  const date = new Intl.DateTimeFormat('en-CA', { timeZone: hours.timeZone }).format(today);
  const offsetOf = offsetsIn(hours.timeZone);
  const holidays = new Set(hours.holidays.map((holiday) => holiday.date));
  const days: OpenDay[] = [];
  for (let shift = -PAST_DAYS; shift <= FUTURE_DAYS; shift++) {
    const midnightMs = Date.parse(date) + shift * DAY_MS;
    const day = new Date(midnightMs);
    const open = hours.weekly[WEEKDAYS[day.getUTCDay()] ?? 'sunday'];
    const name = day.toISOString().slice(0, 10);
    if (open.length === 0 || holidays.has(name)) continue;
    // Clocks change at night: the offset at noon holds while the clinic is open.
    const startMs = midnightMs - offsetOf(midnightMs + DAY_MS / 2);
    const at = (clock: string): number => startMs + minutesOf(clock) * MINUTE_MS;
    days.push({
      date: name,
      spans: open.map((span) => ({ openMs: at(span.open), closeMs: at(span.close) })),
    });
  }
  return { days, today: date, todayIndex: days.filter((day) => day.date < date).length };
};

/** One of the days from index `first` to `last`, both included and kept within the calendar. */
export const dayBetween = (calendar: Calendar, first: number, last: number, random: Random): OpenDay => {
  const end = calendar.days.length - 1;
  const from = Math.max(0, Math.min(first, end));
  const day = calendar.days[random.between(from, Math.max(from, Math.min(last, end)))];
  if (day === undefined) throw new RingfenceError('internal', 'a calendar without open days');
  return day;
};

/** A start on a quarter of an hour from which `minutes` fit before closing; the opening where nothing fits. */
export const slotIn = (day: OpenDay, minutes: number, random: Random): Date => {
  const fitting = day.spans.filter((span) => span.closeMs - span.openMs >= minutes * MINUTE_MS);
  const span = random.pick(fitting.length > 0 ? fitting : day.spans);
  const spareMs = Math.max(0, span.closeMs - span.openMs - minutes * MINUTE_MS);
  return new Date(span.openMs + random.between(0, Math.floor(spareMs / (15 * MINUTE_MS))) * 15 * MINUTE_MS);
};

const minutesOf = (clock: string): number => {
  const [hour = 0, minute = 0] = clock.split(':').map(Number);
  return hour * 60 + minute;
};

/** The offset of a time zone from UTC at an instant, in milliseconds. */
const offsetsIn = (timeZone: string): ((instantMs: number) => number) => {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  return (instantMs) => {
    const [, sign, hour, minute] = /GMT([+-])(\d\d):(\d\d)/.exec(format.format(instantMs)) ?? [];
    if (sign === undefined) return 0;
    return (sign === '-' ? -1 : 1) * (Number(hour) * 60 + Number(minute)) * MINUTE_MS;
  };
};
