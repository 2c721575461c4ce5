import { existsSync, readFileSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RingfenceError } from '../../../core/errors.js';
import { type Connection, withConnection } from '../../database/connect.js';
import { makePrivateDir, serverAccount } from '../../database/server/account.js';
import { archiveDir } from '../../database/server/archiving.js';
import { purgeCopy } from '../../database/server/copy.js';
import {
  ensureLocalServer,
  localServerStatus,
  recordServer,
  stopLocalServer,
} from '../../database/server/local-server.js';
import { type ServerRecord, updateRecord } from '../../database/server/record.js';
import { removeReplica } from '../../database/server/replica-place.js';
import { setAside } from '../../database/server/set-aside.js';
import { copyDataDir } from '../../database/server/stop-copy.js';
import { putSuperuserPassword } from '../../database/server/superuser-password.js';
import { archiveUntilNow } from './archived-wal.js';
import { chooseRecovery } from './choose-recovery.js';
import { dropRecoverySettings, RECOVERY_LOG, recoverCopy } from './recover-copy.js';
import { noteTimeline } from './timelines.js';

export interface ServerRestore<T> {
  /** The end of the base backup from which the recovery began. */
  readonly base: Date;
  /** Of the last transaction that is in it; the base backup's where nothing was committed since. */
  readonly lastCommitAt: Date;
  /** The folder of the data as it was before; null where there was none. */
  readonly keptData: string | null;
  /** The first segment that was missing, where a lenient recovery stopped. */
  readonly gap: string | undefined;
  /** The reason why the former data's WAL could not all be archived first; null where it could, or where there was none. */
  readonly notArchived: string | null;
  readonly result: T;
}

/**
 * Brings a local server back from its base backups and archived WAL: to a time, or to the end. It is recovered beside the
 * server, which works on meanwhile, if it does, and takes its place when it is whole: that ends all sessions, begins a new
 * timeline, and goes on archiving. Nothing is deleted: the data folder as it was is kept. A run that was killed anywhere is run
 * again.
 *
 * @param work makes the recovered database ready, before anybody else reaches it.
 * @throws RingfenceError as chooseRecovery and recoverCopy, with the server as it was; what `work` throws.
 */
export const restoreServer = async <T>(options: {
  readonly dir: string;
  readonly to: Date | undefined;
  /** Stops before a gap in the WAL, and does without these base backups (ids). */
  readonly lenient?: ReadonlySet<string> | undefined;
  readonly database: string;
  readonly now: () => Date;
  readonly reached: (point: string) => void;
  readonly work: (admin: Connection) => Promise<T>;
}): Promise<ServerRestore<T>> => {
  const { dir, to, now, reached } = options;
  const record = recordServer(dir);
  const { dataDir } = record;
  const copy = copyDataDir(dataDir);
  purgeCopy(record);
  const notArchived = await archiveWhatIsThere(dir, record);
  const { base, timeline, gap, segments } = chooseRecovery(dataDir, to, now(), options.lenient);
  // Ctrl-C ends the process without coming back here.
  const purge = () => purgeCopy(record);
  process.once('exit', purge);
  try {
    await recoverCopy(record, base, { at: to, timeline, lasts: { segments } });
    reached('server-recovered');
    const lastCommitAt = lastCommit(copy) ?? base.finishedAt;
    stopLocalServer(dirname(copy));
    dropRecoverySettings(copy);
    putSuperuserPassword(copy, record);
    const server = await ensureLocalServer(dirname(copy));
    const result = await options.work({ ...server, database: options.database });
    const id = await currentTimeline({ ...server, database: 'postgres' });
    stopLocalServer(dirname(copy));
    stopLocalServer(dir);
    // It follows the timeline that is given up; the cell makes another one when it comes up.
    removeReplica(dataDir);
    const keptData = setAside(dataDir, now());
    reached('data-set-aside');
    const begunAt = now();
    noteTimeline(dataDir, { id, parent: timeline, until: to ?? begunAt, begunAt });
    renameSync(copy, dataDir);
    updateRecord(dir, { ...record, dataMade: true });
    reached('server-replaced');
    await ensureLocalServer(dir, { archiving: true });
    return { base: base.finishedAt, gap, lastCommitAt, keptData, notArchived, result };
  } finally {
    process.off('exit', purge);
    purge();
  }
};

/** A server that does not start, or lets nobody in, is why it is brought back. @returns what was in the way. */
const archiveWhatIsThere = async (dir: string, { dataDir }: ServerRecord): Promise<string | null> => {
  makePrivateDir(archiveDir(dataDir), serverAccount());
  if (localServerStatus(dir) === 'lost') return null;
  try {
    const server = await ensureLocalServer(dir, { archiving: true });
    await withConnection({ ...server, database: 'postgres' }, (client) => archiveUntilNow(client, dataDir));
    return null;
  } catch (error) {
    if (!(error instanceof RingfenceError)) throw error;
    stopLocalServer(dir);
    return error.message;
  }
};

const currentTimeline = (admin: Connection): Promise<number> =>
  withConnection(admin, async (client) => {
    const { rows } = await client.query<{ segment: string }>(
      'SELECT pg_walfile_name(pg_current_wal_lsn()) AS segment',
    );
    return Number.parseInt(rows[0]?.segment.slice(0, 8) ?? '', 16);
  });

/** Of what was recovered, as the server says in its log. */
const lastCommit = (dataDir: string): Date | undefined => {
  const log = join(dataDir, RECOVERY_LOG);
  const words = existsSync(log) ? readFileSync(log, 'utf8') : '';
  const [, time] = /last completed transaction was at log time (\S+ \S+?)\+00/.exec(words) ?? [];
  return time === undefined ? undefined : new Date(`${time.replace(' ', 'T')}Z`);
};
