import type pg from 'pg';
import { z } from 'zod';
import { RingfenceError } from '../../core/errors.js';
import type { BackupResult } from '../../data-plane/backup/tenant/take.js';
import { readRows } from '../project/read-rows.js';

export const BACKUP_STATES = ['running', 'stored', 'verified', 'failed', 'expired'] as const;

/** An incremental one refers to earlier ones for what had not changed since. */
export const BACKUP_KINDS = ['full', 'incremental'] as const;

const backupSchema = z.object({
  id: z.guid(),
  tenantId: z.guid(),
  cell: z.string(),
  keyVersion: z.int(),
  /** Of its object store: `folder`, or `s3://<bucket>/<prefix>`. */
  place: z.string(),
  objectKey: z.string(),
  state: z.enum(BACKUP_STATES),
  kind: z.enum(BACKUP_KINDS),
  rows: z.int().nullable(),
  sizeBytes: z.int().nullable(),
  digest: z.string().nullable(),
  startedAt: z.date(),
  finishedAt: z.date().nullable(),
  verifiedAt: z.date().nullable(),
});

/** A backup as the control plane records it. Sizes in bytes as stored; the digest is of the rows, in hex. */
export type BackupRecord = Readonly<z.infer<typeof backupSchema>>;

const TABLE = 'control.backups';

const COLUMNS = `id, tenant_id AS "tenantId", cell, key_version AS "keyVersion", place, object_key AS "objectKey", state,
  CASE WHEN EXISTS (SELECT FROM control.backup_bases WHERE backup_id = id) THEN 'incremental' ELSE 'full' END AS kind,
  rows::float8 AS rows, size_bytes::float8 AS "sizeBytes", digest, started_at AS "startedAt",
  finished_at AS "finishedAt", verified_at AS "verifiedAt"`;

const read = (rows: readonly unknown[]): BackupRecord[] => readRows(backupSchema, TABLE, rows);

/** Newest first; those that are no longer kept left out. */
export const listBackups = async (control: pg.Pool, tenantId: string): Promise<BackupRecord[]> => {
  const { rows } = await control.query(
    `SELECT ${COLUMNS} FROM control.backups WHERE tenant_id = $1 AND state <> 'expired' ORDER BY started_at DESC, id`,
    [tenantId],
  );
  return read(rows);
};

/**
 * The backup that is named, or the newest good one: verified, or stored where none is verified yet.
 * @throws RingfenceError `backup_not_found`
 */
export const chooseBackup = async (
  control: pg.Pool,
  tenantId: string,
  id?: string,
): Promise<BackupRecord> => {
  const backups = await listBackups(control, tenantId);
  const good = backups.filter((backup) => backup.state === 'verified' || backup.state === 'stored');
  const chosen = id
    ? good.find((backup) => backup.id === id || (id.length >= 8 && backup.id.startsWith(id)))
    : (good.find((backup) => backup.state === 'verified') ?? good[0]);
  if (chosen) return chosen;
  throw new RingfenceError(
    'backup_not_found',
    id ? `the tenant has no good backup ${id}` : 'the tenant has no good backup',
    {
      fix: good.length > 0 ? 'see `ringfence backups list`' : 'take one with `ringfence backups run`',
    },
  );
};

export const recordBackupStart = async (
  control: pg.Pool,
  backup: Pick<BackupRecord, 'id' | 'tenantId' | 'cell' | 'keyVersion' | 'place' | 'objectKey'>,
): Promise<void> => {
  await control.query(
    `INSERT INTO control.backups (id, tenant_id, cell, key_version, place, object_key, state) VALUES ($1, $2, $3, $4, $5, $6, 'running')`,
    [backup.id, backup.tenantId, backup.cell, backup.keyVersion, backup.place, backup.objectKey],
  );
};

export const recordBackupStored = async (
  control: pg.Pool,
  id: string,
  { rows, storedBytes, digest, manifestPlace, bases }: BackupResult,
): Promise<void> => {
  await control.query(
    `WITH referred AS (INSERT INTO control.backup_bases SELECT $1, unnest($7::uuid[]))
     UPDATE control.backups SET state = 'stored', rows = $2, size_bytes = $3, digest = $4, finished_at = now(),
            manifest_start_byte = $5, manifest_record = $6 WHERE id = $1`,
    [id, rows, storedBytes, digest, manifestPlace.startByte, manifestPlace.record, bases],
  );
};

export const recordBackupVerified = async (control: pg.Pool, id: string): Promise<void> => {
  await control.query(`UPDATE control.backups SET state = 'verified', verified_at = now() WHERE id = $1`, [
    id,
  ]);
};

/** Backups that a killed run left half-way. The caller holds the tenant's lock. */
export const listAbandonedBackups = async (control: pg.Pool, tenantId: string): Promise<BackupRecord[]> =>
  (await listBackups(control, tenantId)).filter((backup) => backup.state === 'running');

export const recordBackupFailed = async (control: pg.Pool, id: string): Promise<void> => {
  await control.query(`UPDATE control.backups SET state = 'failed', finished_at = now() WHERE id = $1`, [id]);
};

/** From now on the backup is not restored from; its object goes next. */
export const recordBackupExpired = async (control: pg.Pool, id: string): Promise<void> => {
  await control.query(`UPDATE control.backups SET state = 'expired' WHERE id = $1`, [id]);
};

/** Backups that are no longer kept, whose objects may still be there, and that no backup needs. */
export const listRemovable = async (control: pg.Pool, tenantId: string): Promise<BackupRecord[]> => {
  const { rows } = await control.query(
    `SELECT ${COLUMNS} FROM control.backups WHERE tenant_id = $1 AND state = 'expired' AND removed_at IS NULL
          AND NOT EXISTS (SELECT FROM control.backup_bases r JOIN control.backups b ON b.id = r.backup_id
                           WHERE r.base_id = backups.id AND b.state IN ('stored', 'verified'))`,
    [tenantId],
  );
  return read(rows);
};

export const recordBackupRemoved = async (control: pg.Pool, id: string): Promise<void> => {
  await control.query('UPDATE control.backups SET removed_at = now() WHERE id = $1', [id]);
};

/** When each tenant's newest verified backup was taken, by tenant id. */
export const lastGoodBackups = async (control: pg.Pool): Promise<Map<string, Date>> => {
  const { rows } = await control.query(
    `SELECT tenant_id AS "tenantId", max(started_at) AS at FROM control.backups WHERE state = 'verified' GROUP BY tenant_id`,
  );
  const last = readRows(z.object({ tenantId: z.guid(), at: z.date() }), TABLE, rows);
  return new Map(last.map(({ tenantId, at }) => [tenantId, at]));
};

/** The cells in which the tenant ever had a backup. */
export const listBackupCells = async (control: pg.Pool, tenantId: string): Promise<string[]> => {
  const { rows } = await control.query(
    'SELECT DISTINCT cell FROM control.backups WHERE tenant_id = $1 ORDER BY cell',
    [tenantId],
  );
  return readRows(backupSchema.pick({ cell: true }), TABLE, rows).map(({ cell }) => cell);
};

/** Every backup that the tenant ever had. */
export const listAllBackups = async (control: pg.Pool, tenantId: string): Promise<BackupRecord[]> => {
  const { rows } = await control.query(
    `SELECT ${COLUMNS} FROM control.backups WHERE tenant_id = $1 ORDER BY started_at, id`,
    [tenantId],
  );
  return read(rows);
};
