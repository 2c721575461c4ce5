import type pg from 'pg';
import { z } from 'zod';
import { readRows } from '../project/read-rows.js';

const lostSchema = z.object({ id: z.guid(), slug: z.string(), takenAt: z.date(), rows: z.int() });

/** A backup with rows whose object is gone, or damaged. Its record stays until the object is put back, or it is given up. */
export type LostBackup = Readonly<z.infer<typeof lostSchema>>;

const TABLE = 'control.backups';

const LOST = `
  SELECT b.id, t.slug, b.started_at AS "takenAt", b.rows::float8 AS rows
    FROM control.backups b JOIN control.tenants t ON t.id = b.tenant_id
   WHERE b.state = 'failed' AND b.rows > 0`;

/** Newest first. One that could not be taken has no rows. */
export const listLostBackups = async (control: pg.Pool): Promise<LostBackup[]> =>
  readRows(lostSchema, TABLE, (await control.query(`${LOST} ORDER BY b.started_at DESC, b.id`)).rows);

const objectSchema = z.object({
  id: z.guid(),
  slug: z.string(),
  cell: z.string(),
  place: z.string(),
  objectKey: z.string(),
  rows: z.int(),
});

type NewestObject = Readonly<z.infer<typeof objectSchema>>;

/** Of each tenant the object of its newest verified backup with rows: nothing prunes that one. */
export const newestObjects = async (control: pg.Pool): Promise<NewestObject[]> => {
  const { rows } = await control.query(
    `SELECT DISTINCT ON (b.tenant_id) b.id, t.slug, b.cell, b.place, b.object_key AS "objectKey", b.rows::float8 AS rows
         FROM control.backups b JOIN control.tenants t ON t.id = b.tenant_id
        WHERE b.state = 'verified' AND b.rows > 0 ORDER BY b.tenant_id, b.started_at DESC`,
  );
  return readRows(objectSchema, TABLE, rows);
};
