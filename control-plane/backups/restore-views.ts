import { z } from 'zod';
import { moment } from '../view.js';

const restored = {
  slug: z.string(),
  dryRun: z.boolean(),
  backupId: z.guid().nullable().describe('null for a moment out of the history of the cell'),
  takenAt: moment.describe('when the rows were as they were restored'),
  backupRows: z.int().nullable(),
  changes: z
    .array(
      z.strictObject({
        table: z.string(),
        column: z.string().nullable().describe('null for the table as a whole'),
        change: z.enum(['gone', 'new', 'converted']),
        was: z.string().optional(),
        is: z.string().optional(),
      }),
    )
    .describe('what the schema has otherwise than the backup'),
};

const inPlaceView = z.strictObject({
  ...restored,
  digest: z.string(),
  triggers: z.enum(['off', 'fired']),
  tables: z.array(
    z.strictObject({
      table: z.string(),
      inBackup: z.int(),
      live: z.int(),
      inserted: z.int(),
      updated: z.int(),
      deleted: z.int(),
      unchanged: z.int(),
    }),
  ),
  deleted: z.int(),
  inserted: z.int(),
  isLoss: z.boolean().describe('more rows go than come back'),
});

const copyView = z.strictObject({
  ...restored,
  tables: z.array(z.strictObject({ table: z.string(), rows: z.int(), place: z.string() })),
  schema: z.string().optional().describe('with --into scratch, but for a dry run'),
  folder: z.string().optional().describe('with --into file'),
});

/** In place, or, with --into, as a copy. */
export const restoreView = z.union([inPlaceView, copyView]);
