import { z } from 'zod';
import { enrolledClinicSchema } from '../../data-plane/enrolment/enrolment.js';
import { ENCODINGS } from '../../data-plane/transfer/import/csv/encodings.js';
import { moment } from '../view.js';

const counts = z.record(z.string(), z.int()).describe('by `schema.table`');

export const exportView = z.strictObject({
  file: z.string(),
  format: z.literal('ringfence-export'),
  version: z.literal(1),
  id: z.guid(),
  createdAt: moment,
  tool: z.strictObject({ name: z.literal('ringfence'), version: z.string() }),
  schemaVersion: z.string(),
  tenant: z.strictObject({ id: z.guid(), slug: z.string(), legalName: z.string() }),
  complete: z.boolean().describe('every clinic of the tenant is in it'),
  rows: z.int(),
  clinics: z.array(enrolledClinicSchema.extend({ state: z.string(), rows: z.int(), tables: counts })),
  bytes: z.int().describe('of the file'),
  sealedTo: z.array(z.string()).describe('public keys; empty for a plain zip'),
});

export const importView = z.strictObject({
  slug: z.string(),
  dryRun: z.boolean(),
  id: z.guid(),
  files: z.array(
    z.strictObject({
      file: z.string(),
      table: z.string(),
      rows: z.int(),
      encoding: z.enum(ENCODINGS).optional(),
    }),
  ),
  added: z.record(z.string(), counts).describe('by clinic'),
  same: z.int().describe('rows that were there already'),
  leftOut: counts,
  problems: z.array(
    z.strictObject({
      file: z.string(),
      line: z.int().nullable(),
      column: z.string().nullable(),
      message: z.string(),
    }),
  ),
  problemCount: z.int().describe('may be more than `problems` has'),
});
