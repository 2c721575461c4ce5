import { readFileSync } from 'node:fs';
import type pg from 'pg';
import { z } from 'zod';
import { readRows } from '../project/read-rows.js';

const healthSchema = z.object({
  slug: z.string(),
  cell: z.string(),
  lastGoodAt: z.date().nullable(),
  lastVerifiedAt: z.date().nullable(),
  lastFailedAt: z.date().nullable(),
  rpoMinutes: z.int(),
  backups: z.int(),
  /** With archives that are kept only because others refer to them. */
  storedBytes: z.int(),
  /** Of the last restore into an empty cell; null where there was none. */
  rehearsedAt: z.date().nullable(),
  rehearsalMs: z.int().nullable(),
});

/** What the control database knows of a tenant's backups. */
export type BackupHealth = Readonly<z.infer<typeof healthSchema>>;

const HEALTH = readFileSync(new URL('./health.sql', import.meta.url), 'utf8');

/** Every tenant that is deployed. */
export const readBackupHealth = async (control: pg.Pool): Promise<BackupHealth[]> => {
  const { rows } = await control.query(HEALTH);
  return readRows(healthSchema, 'control.backups', rows);
};
