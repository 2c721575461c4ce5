import { z } from 'zod';
import { moment } from '../view.js';
import { BACKUP_KINDS, BACKUP_STATES } from './store.js';

const kind = z.enum(BACKUP_KINDS);

/** A backup as it is recorded. */
export const backupView = z.object({
  id: z.guid(),
  tenantId: z.guid(),
  cell: z.string(),
  keyVersion: z.int(),
  place: z.string().describe('of its object store: `folder`, or `s3://<bucket>/<prefix>`'),
  objectKey: z.string(),
  state: z.enum(BACKUP_STATES),
  kind,
  rows: z.int().nullable(),
  sizeBytes: z.int().nullable(),
  digest: z.string().nullable(),
  startedAt: moment,
  finishedAt: moment.nullable(),
  verifiedAt: moment.nullable(),
});

/** One that was taken and verified just now. */
export const backupSummaryView = z.strictObject({
  id: z.guid(),
  kind,
  rows: z.int(),
  storedBytes: z.int(),
  digest: z.string(),
  verified: z.literal(true),
});

export const prunedBackupsView = z.array(z.strictObject({ id: z.guid(), startedAt: moment }));

/** A backup whose object is lost or damaged. */
export const lostBackupView = z.strictObject({
  id: z.guid(),
  slug: z.string(),
  takenAt: moment,
  rows: z.int(),
});

export const rehearsalView = z.strictObject({
  tenantId: z.guid(),
  backupId: z.guid(),
  at: moment,
  cellMs: z.number().describe('until there was an empty cell'),
  restoreMs: z.number().describe('from then until all rows were back and compared'),
  rows: z.int(),
  slug: z.string(),
});

export const droppedSchemaView = z.strictObject({ slug: z.string(), dropped: z.string() });

/** Of every tenant, against what it was promised. */
export const backupStatusView = z.strictObject({
  slug: z.string(),
  cell: z.string(),
  lastGoodAt: moment.nullable(),
  lastVerifiedAt: moment.nullable(),
  lastFailedAt: moment.nullable(),
  rpoMinutes: z.int().describe('how old the last good backup may be'),
  backups: z.int(),
  storedBytes: z.int(),
  rehearsedAt: moment.nullable(),
  rehearsalMs: z.number().nullable(),
  ageMinutes: z.number().nullable(),
  overdue: z.boolean(),
  cellLost: z.boolean(),
  storageUsdPerMonth: z.number(),
  restorableFrom: moment.nullable().describe('any second since can be restored'),
});
