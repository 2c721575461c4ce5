import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { RingfenceError } from '../../../core/errors.js';
import { ifThere } from '../../../core/files/if-there.js';
import { isRunning } from '../../../core/files/is-running.js';
import { serverAccount } from './account.js';
import { embeddedBinaries } from './binaries.js';
import { reachableBinaries } from './reachable-binaries.js';
import { runTool } from './run-tool.js';

/** Port of a server that can be worked with: line 4 of postmaster.pid is the port, line 8 says `ready`. */
export const runningPort = (dataDir: string): number | undefined => {
  if (postmasterPid(dataDir) === undefined || isDisplaced(dataDir)) return undefined;
  const lines = pidFileLines(dataDir);
  return lines[7]?.trim() === 'ready' ? Number(lines[3]) : undefined;
};

/** Process of a server in any state: line 1 of postmaster.pid. */
export const postmasterPid = (dataDir: string): number | undefined => {
  const pid = Number(pidFileLines(dataDir)[0]);
  return Number.isInteger(pid) && isPostmaster(pid, dataDir) ? pid : undefined;
};

/**
 * Its folder was moved while it ran. It names pg_control by the path that it was started with: its next checkpoint fails, or
 * writes into what is at that path by now.
 */
export const isDisplaced = (dataDir: string): boolean =>
  postmasterPid(dataDir) !== undefined && !isNamedBy(pidFileLines(dataDir), dataDir);

/** Line 2 is the data folder as it was named at the start. */
const isNamedBy = ([, named = '']: readonly string[], dataDir: string): boolean =>
  existsSync(named) && realpathSync(named) === realpathSync(dataDir);

/** Stops a server, if one is there, and waits for it: orderly, or at once where its data is thrown away or was moved. */
export const endServer = (dataDir: string, mode: 'fast' | 'immediate'): void => {
  if (postmasterPid(dataDir) === undefined) return;
  const howFast = isDisplaced(dataDir) ? 'immediate' : mode;
  const account = serverAccount();
  const binaries = reachableBinaries(embeddedBinaries(), account);
  runTool(binaries.pgCtl, ['stop', '-D', dataDir, '-m', howFast, '-w'], account);
};

/** Lines of postmaster.pid as in postgres, src/include/utils/pidfile.h; none where no server runs. */
export const pidFileLines = (dataDir: string): string[] => {
  const pidFile = join(dataDir, 'postmaster.pid');
  return ifThere(() => readFileSync(pidFile, 'utf8'))?.split('\n') ?? [];
};

/**
 * A process number may belong to another program after a reboot, another cell's server too; in a copy of a folder whose server
 * ran, it is the original's. A server works in its data folder, wherever that has been moved.
 */
const isPostmaster = (pid: number, dataDir: string): boolean => {
  if (!isRunning(pid)) return false;
  if (!existsSync('/proc/self')) return wasStartedIn(dataDir);
  const command = ifThere(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
  const [program = '', ...args] = command?.split('\0') ?? [];
  if (basename(program) !== 'postgres') return false;
  return ifThere(() => worksIn(pid, dataDir) ?? args.includes(dataDir)) ?? false;
};

/** Undefined for a process of which the system does not say it. */
const worksIn = (pid: number, dataDir: string): boolean | undefined => {
  try {
    const [works, data] = [statSync(`/proc/${pid}/cwd`), statSync(dataDir)];
    return works.ino === data.ino && works.dev === data.dev;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') return undefined;
    throw error;
  }
};

/** A folder that is gone has been moved here. */
const wasStartedIn = (dataDir: string): boolean => {
  const lines = pidFileLines(dataDir);
  return !existsSync(lines[1] ?? '') || isNamedBy(lines, dataDir);
};

/** Recovery reads the WAL of a day and more. */
const RECOVERY_TIMEOUT_MS = 6 * 60 * 60_000;
const RECOVERY_LOOK_MS = 25;

/** A server that takes no connections before it has recovered counts as started for pg_ctl. */
export const waitForRecovery = async (dataDir: string): Promise<void> => {
  for (let waitedMs = 0; runningPort(dataDir) === undefined; waitedMs += RECOVERY_LOOK_MS) {
    if (postmasterPid(dataDir) === undefined)
      throw new RingfenceError('database_unavailable', 'the server ended while it recovered');
    if (waitedMs > RECOVERY_TIMEOUT_MS) throw new RingfenceError('timeout', 'the recovery takes too long');
    await pause(RECOVERY_LOOK_MS);
  }
};
