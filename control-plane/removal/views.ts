import { z } from 'zod';
import { backupView } from '../backups/views.js';

export const removedView = z.strictObject({
  slug: z.string(),
  tenantId: z.guid(),
  removed: z.literal(true),
  rows: z.record(z.string(), z.int()).describe('that it had, by `schema.table`'),
  finalBackup: backupView.nullable().describe('null for one that had no row'),
  manifest: z.string().nullable().describe('the file that keeps it'),
});
