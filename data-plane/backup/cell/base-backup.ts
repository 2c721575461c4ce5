import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type pg from 'pg';
import { z } from 'zod';
import { RingfenceError } from '../../../core/errors.js';
import { createSecretFile, readSecretFile } from '../../../core/files/secret-file.js';
import { type Connection, withConnection } from '../../database/connect.js';
import { makePrivateDir, serverAccount } from '../../database/server/account.js';

export const BASE_RECORD = 'base-backup.json';
export const BASE_TARBALL = 'base.tar.gz';
const DRAFT = '.draft';

const schema = z.strictObject({
  format: z.literal('ringfence-base-backup'),
  version: z.literal(1),
  startedAt: z.coerce.date(),
  finishedAt: z.coerce.date(),
  startSegment: z.string().regex(/^[0-9A-F]{24}$/),
  segmentBytes: z.int().min(1),
});

/** A copy of a server's data folder, from which recovery begins. Times are the server's. */
export interface BaseBackup {
  readonly id: string;
  readonly startedAt: Date;
  /** From here on every moment can be recovered. */
  readonly finishedAt: Date;
  /** The first WAL segment that recovery reads. */
  readonly startSegment: string;
  /** Of the server's segments. */
  readonly segmentBytes: number;
  /** The data folder as a gzipped tar file. */
  readonly tarball: string;
  readonly storedBytes: number;
}

/** Folder of the base backups of the server whose data is in `dataDir`. */
const baseDir = (dataDir: string): string => join(dirname(dataDir), 'base');

/** The files of one, its record last. */
export const baseBackupFiles = (dataDir: string, id: string): string[] =>
  [BASE_TARBALL, BASE_RECORD].map((file) => join(baseDir(dataDir), id, file));

/** Those that are whole, oldest first. */
export const listBaseBackups = (dataDir: string): BaseBackup[] => {
  const folder = baseDir(dataDir);
  return (existsSync(folder) ? readdirSync(folder) : [])
    .filter((name) => !name.endsWith(DRAFT))
    .map((id) => readBaseBackup(folder, id))
    .sort((a, b) => a.finishedAt.getTime() - b.finishedAt.getTime());
};

/**
 * Takes a base backup while the server works: the server writes a compressed copy of its data folder, after a
 * checkpoint. It appears in the list once it is whole.
 *
 * @throws RingfenceError disk_full; database_refused, also for a server with tablespaces.
 */
export const takeBaseBackup = async (admin: Connection, dataDir: string, id: string): Promise<BaseBackup> => {
  const folder = baseDir(dataDir);
  makePrivateDir(folder, serverAccount());
  removeDrafts(folder);
  const draft = join(folder, `${id}${DRAFT}`);
  try {
    const record = await withConnection(admin, async (client) => {
      const startedAt = await serverTime(client);
      const startLsn = await writeTarball(admin, draft);
      const { rows } = await client.query<{ startSegment: string; segmentBytes: number }>(
        `SELECT pg_walfile_name($1::pg_lsn) AS "startSegment", setting::float8 AS "segmentBytes"
           FROM pg_settings WHERE name = 'wal_segment_size'`,
        [startLsn],
      );
      // Dates have milliseconds, the server's clock has more.
      const finishedAt = new Date((await serverTime(client)).getTime() + 1);
      return { format: 'ringfence-base-backup', version: 1, startedAt, finishedAt, ...rows[0] };
    });
    createSecretFile(join(draft, BASE_RECORD), `${JSON.stringify(record, null, 2)}\n`);
    renameSync(draft, join(folder, id));
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return readBaseBackup(folder, id);
};

export const removeBaseBackup = (dataDir: string, { id }: BaseBackup): void => {
  const folder = baseDir(dataDir);
  // Renamed first, so that half a backup is never in the list.
  renameSync(join(folder, id), join(folder, `${id}${DRAFT}`));
  removeDrafts(folder);
};

/** Removes the remains of a killed run. Calls come one at a time, so no running call owns them. */
const removeDrafts = (folder: string): void => {
  for (const name of readdirSync(folder))
    if (name.endsWith(DRAFT)) rmSync(join(folder, name), { recursive: true, force: true });
};

/** The server writes a compressed tar of its data folder into a new or empty folder. @returns where in the WAL recovery begins. */
export const writeTarball = async (admin: Connection, folder: string): Promise<string> => {
  const connection = { ...admin, replication: 'true' };
  return withConnection(connection, async (client) => {
    const target = client.escapeLiteral(folder);
    const results: unknown = await client.query(
      `BASE_BACKUP (LABEL 'ringfence', CHECKPOINT 'fast', WAL false, WAIT false, MANIFEST 'no', COMPRESSION 'gzip',
                    COMPRESSION_DETAIL '1', TARGET 'server', TARGET_DETAIL ${target})`,
    );
    const [start, tablespaces] = results as [pg.QueryResult<{ recptr: string }>, pg.QueryResult];
    if (tablespaces.rows.length !== 1)
      throw new RingfenceError(
        'database_refused',
        'the cell’s server has tablespaces outside its data folder',
        {
          fix: 'move their tables back (ALTER TABLE ... SET TABLESPACE pg_default) and drop them',
        },
      );
    return start.rows[0]?.recptr ?? '';
  });
};

const serverTime = async (client: pg.ClientBase): Promise<Date> => {
  const { rows } = await client.query<{ now: Date }>('SELECT clock_timestamp() AS now');
  return rows[0]?.now ?? new Date(Number.NaN);
};

const readBaseBackup = (folder: string, id: string): BaseBackup => {
  const path = join(folder, id, BASE_RECORD);
  try {
    const { format, version, ...record } = schema.parse(JSON.parse(readSecretFile(path) ?? 'null'));
    const tarball = join(folder, id, BASE_TARBALL);
    return { id, ...record, tarball, storedBytes: statSync(tarball).size };
  } catch (cause) {
    if (cause instanceof RingfenceError) throw cause;
    throw new RingfenceError('backup_refused', `the base backup in ${join(folder, id)} is damaged`, {
      fix: 'remove the folder and take another with `ringfence backups base`',
      cause,
    });
  }
};
