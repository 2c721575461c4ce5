import { z } from 'zod';
import { backupStatusView } from '../backups/views.js';
import { moment } from '../view.js';

export const controlKeptView = z.strictObject({
  base: z.boolean(),
  sentFiles: z.int(),
  removedObjects: z.int(),
  forkedFrom: z
    .string()
    .nullable()
    .describe(
      'where the database is an earlier one than was sent before: the generation that has what it lacks',
    ),
});

export const controlRehearsalView = z.strictObject({
  ms: z.number(),
  tenants: z.int(),
  lastCommitAt: moment,
});

export const controlStatusView = z.strictObject({
  projectId: z.guid(),
  historyDays: z.int(),
  lastSentAt: moment.nullable(),
  lastBaseAt: moment.nullable(),
  ageMinutes: z.number().nullable(),
  isBehind: z.boolean().describe('it is an earlier one than its own backup'),
  overdue: z.boolean(),
  storedBytes: z.int(),
  rehearsedAt: moment.nullable(),
  url: z
    .string()
    .nullable()
    .describe('where RINGFENCE_CONTROL finds it; null for one on the machine of the project'),
  restorableFrom: moment
    .nullable()
    .describe('of one on Amazon RDS: the first moment that RDS can restore; the last one is lastSentAt'),
});

/** Of all tenants and of the control database. */
export const backupsStatusView = z.strictObject({
  tenants: z.array(backupStatusView),
  control: controlStatusView,
});
