import { Cron } from 'croner';
import type { Tenant } from '../../manifest/index.js';

/** A time of each week in which work may slow a tenant down, as its manifest has it. */
export type MaintenanceWindow = Tenant['sla']['maintenanceWindow'];

/** One week's window. */
export interface Opening {
  readonly from: Date;
  readonly until: Date;
}

const MINUTE_MS = 60_000;
const SECOND_MS = 1_000;

/**
 * The window that is open at a moment, or else the next one. It begins by the clock of its time zone, at the first of a
 * time that the clock shows twice, and at the jump where the clock skips it; it lasts for its minutes by any clock.
 */
export const openingAt = (window: MaintenanceWindow, moment: Date): Opening => {
  const [hour, minute] = window.start.split(':').map(Number);
  const pattern = `${minute} ${hour} * * ${window.weekday.slice(0, 3)}`;
  const cron = new Cron(pattern, { timezone: window.timeZone, paused: true, mode: '5-part' });
  const opening = (from: Date): Opening => ({
    from,
    until: new Date(from.getTime() + window.durationMinutes * MINUTE_MS),
  });
  const [last] = cron.previousRuns(1, new Date(moment.getTime() + SECOND_MS));
  if (last !== undefined && opening(last).until > moment) return opening(last);
  const next = cron.nextRun(moment);
  if (next === null) throw new Error(`the window ${pattern} never opens`);
  return opening(next);
};

/** The time of a job that can wait. `late` means at once, because waiting would make the job late. */
export type Start =
  | { readonly when: 'now'; readonly late: boolean }
  | { readonly when: 'then'; readonly at: Date };

/** The earliest moment at which most windows are open; for one window, its own. @param dueBy later the job may not run. */
export const startOf = (windows: readonly MaintenanceWindow[], now: Date, dueBy: Date): Start => {
  const openings = windows.map((window) => openingAt(window, now));
  const openAt = (moment: Date): number =>
    openings.filter(({ from, until }) => from <= moment && moment < until).length;
  const moments = [...new Set(openings.map(({ from }) => Math.max(from.getTime(), now.getTime())))]
    .sort((a, b) => a - b)
    .map((ms) => new Date(ms))
    .filter((moment) => moment <= dueBy);
  const [first, ...others] = moments;
  if (first === undefined) return { when: 'now', late: windows.length > 0 };
  const best = others.reduce((chosen, moment) => (openAt(moment) > openAt(chosen) ? moment : chosen), first);
  return best <= now ? { when: 'now', late: false } : { when: 'then', at: best };
};
