import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isRunning } from '../../files/is-running.js';

/**
 * Ends a server whose data folder was deleted under it: it goes on for up to a minute (Postgres looks for its
 * postmaster.pid that often), keeps its port, and takes writes that nobody will ever read. Where /proc does not tell, it ends
 * by itself.
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
  const gone = `${join(realpathSync(around), basename(dataDir))} (deleted)`;
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && worksIn(pid, gone) && isPostgres(pid))
    .map(Number);
};

const worksIn = (pid: string, folder: string): boolean => {
  try {
    return readlinkSync(join('/proc', pid, 'cwd')) === folder;
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
