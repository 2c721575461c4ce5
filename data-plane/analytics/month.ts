import { RingfenceError } from '../../core/errors.js';

const MONTH = /^\d{4}-(?:0[1-9]|1[0-2])$/;
/** A month ends last at UTC-12; the rest is for those who close their day late. */
const CLOSED_AFTER_MS = 24 * 3_600_000;

/** The newest month that is over everywhere, as `2026-10`. */
export const lastClosedMonth = (now: Date): string => {
  const day = new Date(now.getTime() - CLOSED_AFTER_MS);
  return new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() - 1)).toISOString().slice(0, 7);
};

/** @throws RingfenceError usage for what is no month, or one that is not over everywhere. */
export const requireClosedMonth = (month: string, now: Date): void => {
  if (!MONTH.test(month)) throw new RingfenceError('usage', 'a month is written as in 2026-10');
  if (month <= lastClosedMonth(now)) return;
  throw new RingfenceError('usage', `${month} is not over yet, and a month is published once`, {
    fix: `publish ${lastClosedMonth(now)} or a month before it`,
  });
};
