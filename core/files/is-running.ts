import { existsSync, readFileSync } from 'node:fs';

/**
 * Says whether a process of this number runs; 0 and below name no process. A zombie, as in a container without an init,
 * does not run.
 */
export const isRunning = (pid: number): boolean => {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return !isZombie(pid);
};

/** The state is the first letter after the name, which is in brackets and may have any (proc_pid_stat(5)). */
const isZombie = (pid: number): boolean => {
  const path = `/proc/${pid}/stat`;
  if (!existsSync(path)) return false;
  try {
    return /\) Z [^)]*$/.test(readFileSync(path, 'utf8'));
  } catch {
    // It ended meanwhile.
    return true;
  }
};
