import {
  appendFileSync,
  chownSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { RingfenceError } from '../../../tenants/errors.js';
import { makePrivateDir, serverAccount } from '../../database/server/account.js';
import { readOwnRecord } from '../../database/server/data-owner.js';
import { ensureLocalServer, stopLocalServer } from '../../database/server/local-server.js';
import { endServer } from '../../database/server/postmaster.js';
import { runTool } from '../../database/server/run-tool.js';
import { replaceFile } from '../../files/replace-file.js';
import { archivedSegments } from './archived-wal.js';
import { type BaseBackup, listBaseBackups } from './base-backup.js';
import { firstGap } from './wal-segments.js';

const MARK = '# recovery';

/** A server that was brought back. */
export interface RecoveredServer {
  /** The last commit that is in it; undefined when the log since the base backup has none. */
  readonly lastCommitAt: Date | undefined;
  readonly baseAt: Date;
  /** Where the data that was there before is now; null where there was none. */
  readonly keptAside: string | null;
}

/**
 * Brings the server of `dir` back out of its base backups and archived WAL, up to a moment or the end of the log, and leaves it
 * running, archiving, on a timeline of its own. Data that is there is set aside, never removed.
 *
 * @throws RingfenceError `backup_not_found` without a base backup from before; `backup_refused` when WAL is missing or damaged;
 *   `disk_full`. What was there is there again then.
 */
export const recoverServer = async (
  dir: string,
  options: { readonly at?: Date | undefined; readonly now: Date },
): Promise<RecoveredServer> => {
  const record = readOwnRecord(dir);
  if (!record) throw new RingfenceError('database_unavailable', `no server is recorded in ${dir}`);
  const { dataDir } = record;
  const base = chooseBase(dataDir, options.at);
  stopLocalServer(dir);
  const draft = unpack(dataDir, base, options.at);
  const aside = existsSync(dataDir) ? `${dataDir}.before-${stamp(options.now)}` : null;
  if (aside) renameSync(dataDir, aside);
  renameSync(draft, dataDir);
  try {
    await ensureLocalServer(dir, { recovery: true, archiving: true });
  } catch (error) {
    throw giveUp(error, { dataDir, aside, base });
  }
  const lastCommitAt = lastCommitIn(dataDir);
  forgetTarget(dataDir);
  return { lastCommitAt, baseAt: base.finishedAt, keptAside: aside };
};

/** The newest one that was finished before, or the newest. */
const chooseBase = (dataDir: string, at: Date | undefined): BaseBackup => {
  const bases = listBaseBackups(dataDir);
  const base = bases.filter(({ finishedAt }) => at === undefined || finishedAt <= at).at(-1);
  if (base) return base;
  throw new RingfenceError('backup_not_found', 'there is no base backup to bring the server back from', {
    fix: bases[0]
      ? `choose a time from ${bases[0].finishedAt.toISOString()} on`
      : 'none was ever taken, or they are gone',
  });
};

const unpack = (dataDir: string, base: BaseBackup, at: Date | undefined): string => {
  const account = serverAccount();
  const draft = join(dirname(dataDir), `${basename(dataDir)}.draft-${process.pid}`);
  rmSync(draft, { recursive: true, force: true });
  makePrivateDir(draft, account);
  try {
    runTool('tar', ['-xzf', base.tarball, '-C', draft], account);
  } catch (cause) {
    rmSync(draft, { recursive: true, force: true });
    if (cause instanceof RingfenceError && cause.code !== 'database_unavailable') throw cause;
    const fix = `remove ${dirname(base.tarball)} and run the command again: it takes the one before`;
    throw new RingfenceError(
      'backup_refused',
      `the base backup of ${base.finishedAt.toISOString()} is damaged`,
      {
        fix,
        cause,
      },
    );
  }
  rmSync(join(draft, 'postgres.log'), { force: true });
  const signal = join(draft, 'recovery.signal');
  appendFileSync(join(draft, 'postgresql.auto.conf'), target(at));
  writeFileSync(signal, '', { mode: 0o600 });
  if (account) chownSync(signal, account.uid, account.gid);
  return draft;
};

/** Behind all other settings; each line is marked, because the server goes on with this file. */
const target = (at: Date | undefined): string =>
  [
    `restore_command = 'test -f ../archive/%f.gz && gzip -dc ../archive/%f.gz > %p'`,
    `recovery_target_timeline = 'latest'`,
    `recovery_target_action = 'promote'`,
    `hot_standby = off`,
    ...(at ? [`recovery_target_time = '${at.toISOString().replace('T', ' ').replace('Z', '+00')}'`] : []),
  ]
    .map((line) => `${line} ${MARK}\n`)
    .join('');

const forgetTarget = (dataDir: string): void => {
  const path = join(dataDir, 'postgresql.auto.conf');
  const kept = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => !line.endsWith(MARK));
  replaceFile(path, kept.join('\n'), { mode: 0o600, owner: serverAccount() });
};

const lastCommitIn = (dataDir: string): Date | undefined => {
  const log = readFileSync(join(dataDir, 'postgres.log'), 'utf8');
  const at = /last completed transaction was at log time (\S+ \S+)/.exec(log)?.[1];
  return at === undefined ? undefined : new Date(`${at.replace(' ', 'T').replace(/\+00$/, '')}Z`);
};

/** Puts back what was there. */
const giveUp = (
  error: unknown,
  failed: { readonly dataDir: string; readonly aside: string | null; readonly base: BaseBackup },
): unknown => {
  const { dataDir, aside, base } = failed;
  const log = join(dataDir, 'postgres.log');
  const words = existsSync(log) ? readFileSync(log, 'utf8') : '';
  endServer(dataDir, 'immediate');
  rmSync(dataDir, { recursive: true, force: true });
  if (aside) renameSync(aside, dataDir);
  if (/No space left on device/.test(words))
    return new RingfenceError('disk_full', 'the disk is full: the server could not recover', {
      fix: 'free some space and run the command again; what was there is there again',
      cause: error,
    });
  if (
    !/recovery ended before configured recovery target was reached|could not locate required checkpoint/.test(
      words,
    )
  )
    return error;
  const missing = firstGap(base.startSegment, archivedSegments(dataDir), base.segmentBytes);
  return new RingfenceError(
    'backup_refused',
    `that moment cannot be reached: the archived WAL ${missing ? `lacks ${missing}` : 'ends before it or is damaged'}`,
    {
      fix: `leave --to out, or choose a time after ${base.finishedAt.toISOString()} and before the end of the log`,
      cause: error,
    },
  );
};

const stamp = (now: Date): string => now.toISOString().slice(0, 19).replace(/[:T]/g, '-');
