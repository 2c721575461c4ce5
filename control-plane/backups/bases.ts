import type pg from 'pg';
import { z } from 'zod';
import type { PreviousBackup } from '../../data-plane/backup/tenant/take.js';
import { readRows } from '../project/read-rows.js';

/**
 * After so many days a tenant's backup is a full one again. It bounds how long an archive outlives its retention for
 * those that refer to it, and how much is lost with one that is damaged.
 */
const FULL_EVERY_DAYS = 7;

const baseSchema = z.object({ backupId: z.guid(), startByte: z.int(), record: z.int() });

/**
 * The backup that the next one may refer to: the newest of the cell, in this place and made with this version of the
 * key, when it is verified and neither it nor what it refers to is older than `FULL_EVERY_DAYS`. After one that did not
 * verify there is none, so a damaged archive is not built upon.
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
