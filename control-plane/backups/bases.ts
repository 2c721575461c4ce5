import type pg from 'pg';
import { z } from 'zod';
import type { PreviousBackup } from '../../data-plane/backup/tenant/take.js';
import { readRows } from '../project/read-rows.js';

/**
 * A tenant's backup is a full one again after so many days. This bounds how long an archive outlives its retention, and how
 * many backups a damaged archive takes along.
 */
const FULL_EVERY_DAYS = 7;

const baseSchema = z.object({ backupId: z.guid(), startByte: z.int(), record: z.int() });

/**
 * The base of the next backup: the newest backup of the cell in this place and under this version of the key. It must be
 * verified, and it and its own bases must be younger than `FULL_EVERY_DAYS`. After a backup that did not verify there is no
 * base, so that no backup builds upon a damaged archive.
 */
export const previousBackup = async (
  control: pg.Pool,
  of: {
    readonly tenantId: string;
    readonly cell: string;
    readonly place: string;
    readonly keyVersion: number;
    readonly now: Date;
  },
): Promise<PreviousBackup | undefined> => {
  const { rows } = await control.query(
    `SELECT b.id AS "backupId", b.manifest_start_byte::float8 AS "startByte", b.manifest_record::float8 AS record
       FROM (SELECT * FROM control.backups WHERE tenant_id = $1 AND state IN ('stored', 'verified')
              ORDER BY started_at DESC LIMIT 1) b
      WHERE b.state = 'verified' AND b.cell = $2 AND b.key_version = $3 AND b.manifest_start_byte IS NOT NULL
        AND NOT EXISTS (SELECT FROM control.backups base
                         WHERE (base.id = b.id OR base.id IN (SELECT base_id FROM control.backup_bases WHERE backup_id = b.id))
                           AND base.started_at < $4::timestamptz - make_interval(days => $5))
        AND b.place = $6`,
    [of.tenantId, of.cell, of.keyVersion, of.now, FULL_EVERY_DAYS, of.place],
  );
  const [found] = readRows(baseSchema, 'control.backups', rows);
  return (
    found && { backupId: found.backupId, manifestPlace: { startByte: found.startByte, record: found.record } }
  );
};
