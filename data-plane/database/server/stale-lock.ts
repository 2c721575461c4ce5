import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync, statSync } from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { pidFileLines, postmasterPid } from './postmaster.js';

const SECOND_MS = 1_000;

/**
 * Removes the postmaster.pid of a server that is gone. Postgres does so itself unless a process of its own account has the
 * number by now, as after a reboot: it goes by the number alone. It stays while any process may still work on the data.
 */
export const removeStaleLock = (dataDir: string): void => {
  if (pidFileLines(dataDir).length === 0 || postmasterPid(dataDir) !== undefined) return;
  if (wasBootedSince(dataDir) || !isInUse(dataDir)) rmSync(join(dataDir, 'postmaster.pid'), { force: true });
};

/** Line 3 is when the server started, in seconds of the epoch. */
const wasBootedSince = (dataDir: string): boolean => {
  const startedMs = Number(pidFileLines(dataDir)[2]) * SECOND_MS;
  return startedMs > 0 && startedMs < Date.now() - uptime() * SECOND_MS;
};

/**
 * Every process of a server works in its data folder, those that a killed one has left behind too. Where /proc does not say
 * so, a server of the same account counts as one of this data.
 */
const isInUse = (dataDir: string): boolean => {
  if (!existsSync('/proc/self')) return true;
  const folder = realpathSync(dataDir);
  const owner = statSync(dataDir).uid;
  return readdirSync('/proc').some((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readlinkSync(join('/proc', pid, 'cwd')) === folder;
    } catch (error) {
      // A process that is ending works nowhere, even while it still has its name.
      return (error as NodeJS.ErrnoException).code !== 'ENOENT' && isPostgresOf(owner, pid);
    }
  });
};

const isPostgresOf = (owner: number, pid: string): boolean => {
  try {
    const program = readFileSync(join('/proc', pid, 'comm'), 'utf8').trim();
    return program === 'postgres' && statSync(join('/proc', pid)).uid === owner;
  } catch {
    // The process ended meanwhile.
    return false;
  }
};
