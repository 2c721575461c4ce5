import { z } from 'zod';
import { clockTime, cron, section, timeZone, WEEKDAYS, wholeNumber } from './primitives.js';

/** What the tenant is promised; a number that is left out comes from the plan. */
export const sla = section({
  uptimePercent: z.number().min(90).max(100).optional(),
  rpoMinutes: wholeNumber(1, 10_080).optional().describe('How much may be lost, at most.'),
  rtoMinutes: wholeNumber(5, 10_080).optional().describe('How long a recovery may take.'),
  maintenanceWindow: section({
    weekday: z.enum(WEEKDAYS).default('sunday'),
    start: clockTime.default('03:00'),
    durationMinutes: wholeNumber(15, 720).default(120),
    timeZone,
  }).prefault({}),
}).prefault({});

/** When backups are taken and how long they are kept: the last of each day, week and month. */
export const backup = section({
  schedule: cron.default('15 2 * * *').describe('minute hour day month weekday'),
  timeZone,
  retentionDays: wholeNumber(1, 366).default(14),
  retentionWeeks: wholeNumber(0, 260).default(8),
  retentionMonths: wholeNumber(0, 180).default(12),
}).prefault({});

/** How often the tenant's key is rotated. */
export const keys = section({ rotationDays: wholeNumber(7, 730).default(90) }).prefault({});
