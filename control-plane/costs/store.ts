import type pg from 'pg';
import { z } from 'zod';
import { readRows } from '../project/read-rows.js';

const storedSchema = z.object({ tenantId: z.guid(), place: z.string(), storedBytes: z.number() });

/** What the backups of a tenant take in one place, in bytes as stored. */
export type StoredBackups = Readonly<z.infer<typeof storedSchema>>;

/** Of all backups whose objects are still there, also of those that are restored from no more. */
export const listStoredBackups = async (control: pg.Pool): Promise<StoredBackups[]> => {
  const { rows } = await control.query(
    `SELECT tenant_id AS "tenantId", place, sum(size_bytes)::float8 AS "storedBytes" FROM control.backups
      WHERE size_bytes IS NOT NULL AND removed_at IS NULL GROUP BY tenant_id, place ORDER BY tenant_id, place`,
  );
  return readRows(storedSchema, 'control.backups', rows);
};
