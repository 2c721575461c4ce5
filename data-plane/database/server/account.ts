import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, parse } from 'node:path';
import { RingfenceError } from '../../../core/errors.js';

/** The unprivileged account that runs the server, because Postgres refuses to run as root. */
export interface ServerAccount {
  readonly uid: number;
  readonly gid: number;
}

const OTHERS_MAY_ENTER = 0o001;
/** The folder in which root keeps the files that the server's account must reach. */
export const ROOT_DATA_DIR = '/var/lib/ringfence';

/** @returns `undefined` when the current user may run Postgres itself. */
export const serverAccount = (currentUid = process.getuid?.()): ServerAccount | undefined => {
  if (currentUid !== 0) return undefined;
  const existing = lookUp('postgres');
  if (existing) return existing;
  try {
    execFileSync('useradd', ['--system', '--no-create-home', '--user-group', 'postgres'], { stdio: 'pipe' });
  } catch (cause) {
    throw new RingfenceError(
      'permission_denied',
      'Postgres does not run as root and no user "postgres" exists',
      {
        fix: 'create the user (useradd --system postgres) or run Ringfence as an ordinary user',
        cause,
      },
    );
  }
  const created = lookUp('postgres');
  if (!created) {
    throw new RingfenceError('permission_denied', 'the user "postgres" could not be created', {
      fix: 'run Ringfence as an ordinary user',
    });
  }
  return created;
};

/**
 * Chooses where a server's data lives. Below `serverDir` as a rule; for root in a folder that other users
 * may not enter (a home of mode 0700, a mkdtemp), below /var/lib/ringfence, where the account can reach it.
 */
export const placeData = (serverDir: string, account: ServerAccount | undefined): string =>
  !account || othersMayEnter(serverDir) ? join(serverDir, 'data') : closedFolderData(serverDir);

/** The data folder of a server whose own folder is closed to other users. */
export const closedFolderData = (serverDir: string): string =>
  join(ROOT_DATA_DIR, createHash('sha256').update(serverDir).digest('hex').slice(0, 16), 'data');

/** Creates `dir` for the account alone (0700), with parents that it may enter. */
export const makePrivateDir = (dir: string, account: ServerAccount | undefined): void => {
  makeEnterableDir(dirname(dir), account);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  chmodSync(dir, 0o700);
  if (account) chownSync(dir, account.uid, account.gid);
};

/**
 * Creates `dir` and its missing parents so that the account may enter them, whatever the umask is. What an earlier run under a
 * strict umask has closed below /var/lib/ringfence is opened too.
 */
export const makeEnterableDir = (dir: string, account: ServerAccount | undefined): void => {
  const first = mkdirSync(dir, { recursive: true, mode: account ? 0o711 : 0o700 });
  if (!account) return;
  for (let at = dir; at !== parse(at).root; at = dirname(at)) {
    const isMade = first !== undefined && isBelow(at, first);
    if (isMade || isBelow(at, ROOT_DATA_DIR)) chmodSync(at, statSync(at).mode | 0o711);
  }
};

const isBelow = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);

const lookUp = (name: string): ServerAccount | undefined => {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((row) => row.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid && gid ? { uid: Number(uid), gid: Number(gid) } : undefined;
};

/** Every folder on the way lets other users pass. */
export const othersMayEnter = (path: string): boolean => closedFolder(path) === undefined;

/** The innermost folder on the way that lets no other users pass. */
const closedFolder = (path: string): string | undefined => {
  for (let current = path; current !== parse(current).root; current = dirname(current)) {
    if (existsSync(current) && (statSync(current).mode & OTHERS_MAY_ENTER) === 0) return current;
  }
  return undefined;
};

/** @throws RingfenceError `permission_denied` for data in a project that was moved or copied into a closed folder. */
export const refuseClosedData = (dataDir: string, account: ServerAccount | undefined): void => {
  const closed = account && closedFolder(dirname(dataDir));
  if (!closed) return;
  throw new RingfenceError(
    'permission_denied',
    `the server’s account may not enter ${closed}, where ${dataDir} is`,
    {
      fix: `let others pass: chmod o+x ${closed}; or move the project to where they may`,
    },
  );
};
