import { z } from 'zod';
import { errorCode, moment } from '../view.js';

/** The backup that a tenant was brought back from. */
export const sourceBackupView = z.strictObject({
  id: z.guid(),
  takenAt: moment,
  rows: z.int(),
  different: z.array(z.string()).describe('tables whose rows are not as in the backup'),
  missing: z.array(z.string()).describe('tables that the cell has not'),
  skipped: z.array(z.string()).describe('newer backups that are lost or damaged'),
});

/** A restored cell, without its tenants. */
export const restoredCell = {
  cell: z.string(),
  way: z.enum(['history', 'archives', 'tenants']),
  lastCommitAt: moment.nullable(),
  kept: z.array(z.string()).describe('files and folders that were there before'),
  notArchived: z.string().nullable(),
  noLongerThere: z.array(
    z.strictObject({
      tenantId: z.guid(),
      slug: z.string(),
      why: z.enum(['erased', 'removed', 'left', 'unknown']),
    }),
  ),
};

export const restoredTenant = {
  slug: z.string(),
  rows: z.int().nullable().describe('null where it is not in the cell'),
  drifted: z.boolean().describe('something of it is otherwise than its deployment made it'),
};

export const cellRestoreView = z.strictObject({
  ...restoredCell,
  tenants: z.array(
    z.strictObject({
      ...restoredTenant,
      backup: sourceBackupView.nullable(),
      failure: z
        .strictObject({ code: errorCode, message: z.string(), fix: z.string().nullable() })
        .nullable(),
    }),
  ),
});
