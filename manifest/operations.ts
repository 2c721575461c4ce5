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

const kmsKeyArn = z
  .string()
  .max(2_048)
  .regex(
    /^arn:aws(?:-[a-z]+)*:kms:[a-z0-9-]+:\d{12}:key\/(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/,
    'is not the ARN of a key in AWS KMS; allowed: arn:aws:kms:<region>:<account>:key/<id>, no alias',
  );

/** When backups are taken and how long they are kept: the last of each day, week and month. */
export const backup = section({
  schedule: cron.default('15 2 * * *').describe('minute hour day month weekday'),
  timeZone,
  retentionDays: wholeNumber(1, 366).default(14),
  retentionWeeks: wholeNumber(0, 260).default(8),
  retentionMonths: wholeNumber(0, 180).default(12),
}).prefault({});

/** How often the tenant's key is rotated, and the key of the customer's own that it needs besides. */
export const keys = section({
  rotationDays: wholeNumber(7, 730).default(90),
  customerKey: kmsKeyArn
    .optional()
    .describe('A key in AWS KMS that the customer holds: without it nothing of the tenant opens.'),
}).prefault({});
