import { z } from 'zod';

const time = z.iso.datetime({ precision: 3 });
const count = z.number().int().nonnegative();

/** Every thing that is looked for after an erasure; docs/formats.md, "Erasure certificate". */
const CHECKS = [
  'rows',
  'scratch-copies',
  'roles',
  'sessions',
  'routes',
  'key-bytes',
  'key-opens',
  'archives-open',
  'objects',
  'jobs',
  'stacks',
  'manifests',
  'kept-data',
] as const;

const checkSchema = z.strictObject({ check: z.enum(CHECKS), where: z.string(), found: count });

/** One check for data that should be gone. */
export type Check = Readonly<z.infer<typeof checkSchema>>;

const content = {
  format: z.literal('ringfence-erasure-certificate'),
  version: z.literal(1),
  id: z.guid(),
  tenantId: z.guid(),
  reason: z.string(),
  requestedAt: time,
  useStoppedAt: time,
  keyDestroyedAt: time,
  keyCopiesGoneAt: time,
  controlBackupDays: count,
  finishedAt: time,
  erased: z.strictObject({
    clinics: count,
    rows: z.record(z.string(), count),
    keyVersions: count,
    objects: count,
    scratchCopies: count,
  }),
  checks: z.array(checkSchema.extend({ found: z.literal(0) })),
  limits: z.array(z.string()),
};

/** The content of a certificate before it is signed. */
export type Certificate = z.infer<z.ZodObject<typeof content>>;

export const signedCertificate = z.strictObject({
  ...content,
  publicKey: z.base64(),
  signature: z.base64(),
});
export type SignedCertificate = z.infer<typeof signedCertificate>;

/** The copies that no check reaches, in words for the reader of the certificate. */
export const LIMITS = [
  'Copies that were exported, downloaded or sent before the erasure are not reached: exports, CSV files of restores, audit exports.',
  'Reports that were written before, as reviews of the audit log, name the tenant by its slug and its staff by their ids.',
  'A manifest that was committed to version control is in its history until that is rewritten.',
  'Deleted rows leave the pages of the database files as these are used again, and its write-ahead log as that is recycled.',
  'Figures across clinics that were published before stay: no figure is of fewer than five tenants.',
] as const;

/** The same of the copies of a cell that serve to bring it back to a moment. */
export const historyLimit = (forgottenAt: Date): string =>
  `Base backups of the cell and its archived write-ahead log, for bringing tenants back to a moment, have the rows until ${forgottenAt.toISOString()}. Without the key their sealed fields do not open.`;
