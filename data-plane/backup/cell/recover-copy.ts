import {
  appendFileSync,
  chownSync,
  existsSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { RingfenceError } from '../../../tenants/errors.js';
import { serverAccount } from '../../database/server/account.js';
import { archiveDir } from '../../database/server/archiving.js';
import { startCopy } from '../../database/server/copy.js';
import type { LocalServer } from '../../database/server/local-server.js';
import type { ServerRecord } from '../../database/server/record.js';
import { runTool } from '../../database/server/run-tool.js';
import { copyDataDir } from '../../database/server/stop-copy.js';
import { archivedSegments } from './archived-wal.js';
import type { BaseBackup } from './base-backup.js';
import { firstGap } from './wal-segments.js';

const LOG = 'postgres.log';

/**
 * Settings of the copy, behind all others so that they hold. It archives nothing, connects to nobody (a subscription of
 * the cell would take another server's changes away), is thrown away, so it need not survive a power cut, and keeps little of
 * the WAL that it has read, because it shares the disk with the cell.
 */
const settings = (at: Date): string => `
archive_mode = off
max_logical_replication_workers = 0
restore_command = 'test -f ../../archive/%f.gz && gzip -dc ../../archive/%f.gz > %p'
recovery_target_time = '${serverTime(at)}'
recovery_target_inclusive = on
recovery_target_timeline = 'current'
recovery_target_action = 'promote'
hot_standby = off
fsync = off
wal_recycle = off
min_wal_size = 32MB
max_wal_size = 128MB
autovacuum = off
`;

/** The server reads no `T` and no `Z` here, because it does so before it has loaded its abbreviations of time zones. */
const serverTime = (at: Date): string => at.toISOString().replace('T', ' ').replace('Z', '+00');

/**
 * Starts a throw-away copy of a server as it was at a moment: the base backup, and the archived WAL up to the last
 * commit at that moment or before.
 *
 * @throws RingfenceError backup_refused, naming the segment, when WAL is missing, or when the base backup is damaged;
 *   disk_full.
 */
export const recoverCopy = async (record: ServerRecord, base: BaseBackup, at: Date): Promise<LocalServer> => {
  try {
    return await startCopy(record, (dataDir) => fill(dataDir, base, at));
  } catch (error) {
    throw explain(error, record.dataDir, base, at);
  }
};

const fill = (dataDir: string, base: BaseBackup, at: Date): void => {
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
  rmSync(join(dataDir, LOG), { force: true });
  appendFileSync(join(dataDir, 'postgresql.auto.conf'), settings(at));
  const signal = join(dataDir, 'recovery.signal');
  writeFileSync(signal, '', { mode: 0o600 });
  if (account) chownSync(signal, account.uid, account.gid);
};

const explain = (error: unknown, dataDir: string, base: BaseBackup, at: Date): unknown => {
  const log = join(copyDataDir(dataDir), LOG);
  const words = existsSync(log) ? readFileSync(log, 'utf8') : '';
  // Also when it is what kept the WAL from being unpacked.
  if (/No space left on device/.test(words)) {
    return new RingfenceError('disk_full', 'the disk is full: the copy of the cell could not recover', {
      fix: 'free as much space as the cell’s data folder takes and run the command again; the copy has been removed',
      cause: error,
    });
  }
  if (
    !/recovery ended before configured recovery target was reached|could not locate required checkpoint/.test(
      words,
    )
  )
    return error;
  const segments = archivedSegments(dataDir);
  const missing = firstGap(base.startSegment, segments, base.segmentBytes);
  const last = segments.filter((name) => missing === undefined || name < missing).at(-1);
  const until = last ? statSync(join(archiveDir(dataDir), `${last}.gz`)).mtime : base.finishedAt;
  return new RingfenceError(
    'backup_refused',
    `${at.toISOString()} cannot be reached: the archived WAL ${missing ? `lacks ${missing}` : 'is damaged'}`,
    {
      fix: `choose a time from ${base.finishedAt.toISOString()} to about ${until.toISOString()}, or one after a later base backup`,
      cause: error,
    },
  );
};
