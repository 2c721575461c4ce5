import {
  appendFileSync,
  chownSync,
  copyFileSync,
  existsSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { RingfenceError } from '../../../core/errors.js';
import { replaceFile } from '../../../core/files/whole-file.js';
import { withConnection } from '../../database/connect.js';
import { serverAccount } from '../../database/server/account.js';
import { archiveDir, archivedSegments } from '../../database/server/archiving.js';
import { startCopy } from '../../database/server/copy.js';
import { saysDiskFull } from '../../database/server/disk-full.js';
import { ensureLocalServer, type LocalServer, stopLocalServer } from '../../database/server/local-server.js';
import type { ServerRecord } from '../../database/server/record.js';
import { runTool } from '../../database/server/run-tool.js';
import { copyDataDir } from '../../database/server/stop-copy.js';
import { putSuperuserPassword } from '../../database/server/superuser-password.js';
import { firstGap } from '../../database/server/wal-segments.js';
import type { BaseBackup } from './base-backup.js';

/** Of the server, in its data folder. */
export const RECOVERY_LOG = 'postgres.log';
const MARK = '# How this copy is recovered.';
/** Read last of all, and written by ALTER SYSTEM. */
const SETTINGS = 'postgresql.auto.conf';

/** The end of a recovery, and the use of its server. */
export interface RecoveryTarget {
  /** The last commit at that moment or before; the end of the archived WAL without it. */
  readonly at?: Date | undefined;
  readonly timeline: number;
  /** It takes the place of its original afterwards. */
  readonly lasts?: {
    /** WAL segments that are not in the archive. */
    readonly segments: readonly string[];
  };
}

/**
 * Settings of the copy, behind all others so that they hold. It archives nothing and connects to nobody: a subscription of
 * the cell would take another server's changes away.
 */
const settings = ({ at, timeline, lasts }: RecoveryTarget): string => `
${MARK}
max_logical_replication_workers = 0
restore_command = 'test -f ../../archive/%f.gz && gzip -dc ../../archive/%f.gz > %p'
${at === undefined ? '' : `recovery_target_time = '${serverTime(at)}'\nrecovery_target_inclusive = on`}
recovery_target_timeline = '${timeline}'
recovery_target_action = 'promote'
hot_standby = off
autovacuum = off
${lasts === undefined ? THROWN_AWAY : LASTING}`;

/** A throw-away copy need not survive a power cut, and takes little memory, and little of the WAL that it has read, beside the cell. */
const THROWN_AWAY = `archive_mode = off
shared_buffers = 128MB
fsync = off
wal_recycle = off
min_wal_size = 32MB
max_wal_size = 128MB
`;

/** WAL waits for archiving until the server is in its place. */
const LASTING = `archive_mode = on
archive_command = ''
`;

/** The server reads no `T` and no `Z` here, because it does so before it has loaded its abbreviations of time zones. */
const serverTime = (at: Date): string => at.toISOString().replace('T', ' ').replace('Z', '+00');

/**
 * Starts a copy of a server beside it, as it was at a moment: the base backup, and the archived WAL up to there.
 *
 * @throws RingfenceError backup_refused, naming the segment, when WAL is missing, or when the base backup is damaged;
 *   disk_full.
 */
export const recoverCopy = async (
  record: ServerRecord,
  base: BaseBackup,
  target: RecoveryTarget,
): Promise<LocalServer> => {
  try {
    const copy = await startCopy(record, (dataDir) => fill(dataDir, base, target));
    return target.lasts ? copy : await withPassword(record, copy);
  } catch (error) {
    throw explain(error, record.dataDir, base, target);
  }
};

/** The superuser's password was another one then when `server.json` was lost since. */
const withPassword = async (record: ServerRecord, copy: LocalServer): Promise<LocalServer> => {
  try {
    return await withConnection({ ...copy, database: 'postgres' }, async () => copy);
  } catch (error) {
    if (!(error instanceof RingfenceError) || error.code !== 'database_auth_failed') throw error;
    const dataDir = copyDataDir(record.dataDir);
    stopLocalServer(dirname(dataDir));
    putSuperuserPassword(dataDir, record);
    return ensureLocalServer(dirname(dataDir));
  }
};

const fill = (dataDir: string, base: BaseBackup, target: RecoveryTarget): void => {
  const account = serverAccount();
  try {
    runTool('tar', ['-xzf', base.tarball, '-C', dataDir], account);
  } catch (cause) {
    if (cause instanceof RingfenceError && cause.code !== 'database_unavailable') throw cause;
    throw new RingfenceError(
      'backup_refused',
      `the base backup of ${base.finishedAt.toISOString()} is damaged`,
      {
        fix: `choose a time before it, or remove ${base.tarball} with its folder and choose a time after the next one`,
        cause,
      },
    );
  }
  rmSync(join(dataDir, RECOVERY_LOG), { force: true });
  const own = (path: string): void => (account ? chownSync(path, account.uid, account.gid) : undefined);
  for (const segment of target.lasts?.segments ?? []) {
    const place = join(dataDir, 'pg_wal', basename(segment));
    copyFileSync(segment, place);
    own(place);
  }
  appendFileSync(join(dataDir, SETTINGS), settings(target));
  const signal = join(dataDir, 'recovery.signal');
  writeFileSync(signal, '', { mode: 0o600 });
  own(signal);
};

/** A server that lasts is afterwards set as its original was. */
export const dropRecoverySettings = (dataDir: string): void => {
  const path = join(dataDir, SETTINGS);
  const [own = ''] = readFileSync(path, 'utf8').split(`\n${MARK}`);
  replaceFile(path, own, { mode: 0o600, owner: serverAccount() });
};

const UNREACHED =
  /recovery ended before configured recovery target was reached|could not locate required checkpoint|WAL ends before|requested timeline/;

const explain = (error: unknown, dataDir: string, base: BaseBackup, { at }: RecoveryTarget): unknown => {
  const log = join(copyDataDir(dataDir), RECOVERY_LOG);
  const words = existsSync(log) ? readFileSync(log, 'utf8') : '';
  // Also when it is what kept the WAL from being unpacked.
  if (saysDiskFull(words)) {
    return new RingfenceError('disk_full', 'the disk is full: the copy of the cell could not recover', {
      fix: 'free as much space as the cell’s data folder takes and run the command again; the copy has been removed',
      cause: error,
    });
  }
  if (!UNREACHED.test(words)) return error;
  const segments = archivedSegments(dataDir);
  const missing = firstGap(base.startSegment, segments, base.segmentBytes);
  const what = missing ? `lacks ${missing}` : 'is damaged, or ends before it';
  return new RingfenceError(
    'backup_refused',
    `${at?.toISOString() ?? 'the end of the archived WAL'} cannot be reached: the archived WAL ${what}`,
    {
      fix: `choose a time from ${base.finishedAt.toISOString()} to about ${reachedUntil(dataDir, base).toISOString()}, or one after a later base backup`,
      cause: error,
    },
  );
};

/** The time when the last segment before the first gap was archived. */
export const reachedUntil = (dataDir: string, base: BaseBackup): Date => {
  const segments = archivedSegments(dataDir);
  const missing = firstGap(base.startSegment, segments, base.segmentBytes);
  const last = segments.filter((name) => missing === undefined || name < missing).at(-1);
  return last ? statSync(join(archiveDir(dataDir), `${last}.gz`)).mtime : base.finishedAt;
};
