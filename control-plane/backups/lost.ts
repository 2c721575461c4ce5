import type pg from 'pg';

/**
 * A backup with rows whose object is gone or damaged. Its record stays until somebody puts the object back or gives the
 * backup up.
 */
export interface LostBackup {
  readonly id: string;
  readonly slug: string;
  readonly takenAt: Date;
  readonly rows: number;
}

const LOST = `
  SELECT b.id, t.slug, b.started_at AS "takenAt", b.rows::float8 AS rows
    FROM control.backups b JOIN control.tenants t ON t.id = b.tenant_id
   WHERE b.state = 'failed' AND b.rows > 0`;

/** Newest first. One that could not be taken has no rows. */
export const listLostBackups = async (control: pg.Pool): Promise<LostBackup[]> =>
  (await control.query<LostBackup>(`${LOST} ORDER BY b.started_at DESC, b.id`)).rows;

interface NewestObject {
  readonly id: string;
  readonly slug: string;
  readonly cell: string;
  readonly place: string;
  readonly objectKey: string;
  readonly rows: number;
}

/** The object of each tenant's newest verified backup with rows. Pruning never removes this backup. */
export const newestObjects = async (control: pg.Pool): Promise<NewestObject[]> =>
  (
    await control.query<NewestObject>(
      `SELECT DISTINCT ON (b.tenant_id) b.id, t.slug, b.cell, b.place, b.object_key AS "objectKey", b.rows::float8 AS rows
         FROM control.backups b JOIN control.tenants t ON t.id = b.tenant_id
        WHERE b.state = 'verified' AND b.rows > 0 ORDER BY b.tenant_id, b.started_at DESC`,
    )
  ).rows;
