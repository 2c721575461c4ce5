import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isRunning } from '../../../core/files/is-running.js';
import { postmasterPid } from './postmaster.js';

/**
 * Ends a server whose data folder, or the postmaster.pid in it, was deleted under it: it goes on for up to a minute (Postgres
 * looks for the file that often), keeps its port, and takes writes that nobody will ever read. Where /proc does not tell, it
 * ends by itself.
 */
export const endOrphan = (dataDir: string): void => {
  const pids = orphans(dataDir);
  for (const pid of pids) {
    try {
      // An immediate shutdown, as Postgres' own.
      process.kill(pid, 'SIGQUIT');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
  // Its port is free then.
  for (let waitedMs = 0; pids.some(isRunning) && waitedMs < LONGEST_MS; waitedMs += LOOK_EACH_MS)
    pause(LOOK_EACH_MS);
};

const LONGEST_MS = 5_000;
const LOOK_EACH_MS = 20;

const pause = (pauseMs: number): void =>
  void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);

const orphans = (dataDir: string): number[] => {
  const around = dirname(dataDir);
  if (!existsSync('/proc/self') || !existsSync(around)) return [];
  const place = join(realpathSync(around), basename(dataDir));
  const folders = [`${place} (deleted)`, ...(postmasterPid(dataDir) === undefined ? [place] : [])];
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && worksIn(pid, folders) && isPostgres(pid))
    .map(Number);
};

const worksIn = (pid: string, folders: readonly string[]): boolean => {
  try {
    return folders.includes(readlinkSync(join('/proc', pid, 'cwd')));
  } catch {
    // It ended meanwhile, or is another user's.
    return false;
  }
};

const isPostgres = (pid: string): boolean => {
  try {
    return readFileSync(join('/proc', pid, 'comm'), 'utf8').trim() === 'postgres';
  } catch {
    // It ended meanwhile.
    return false;
  }
};
