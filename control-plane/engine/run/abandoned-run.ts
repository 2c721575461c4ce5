import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { RingfenceError } from '../../../core/errors.js';
import { stackLocks } from './engine-state.js';
import { removeTornFiles } from './torn-files.js';

/** An engine without its parent ends at its next step. No step takes longer than this. */
const PATIENCE_MS = 20_000;
const POLL_MS = 50;

/**
 * Waits for the engine of a killed run, then removes its unfinished files. A SIGKILL ends Ringfence, but its child writes
 * state until it notices. The caller holds the lock of what the stack deploys.
 * @param stateDir the folder of the engine's file backend
 * @throws RingfenceError `conflict` when an engine still works on the stack after 20 seconds
 */
export const waitForAbandonedRun = async (stateDir: string, stack: string): Promise<void> => {
  const deadlineMs = performance.now() + PATIENCE_MS;
  for (const pid of holders(stackLocks(stateDir, stack))) {
    while (isEngine(pid)) {
      if (performance.now() > deadlineMs) {
        throw new RingfenceError(
          'conflict',
          `the engine is still deploying stack ${stack} (process ${pid})`,
          {
            fix: `wait until that process ends, or end it, then run the command again`,
          },
        );
      }
      await pause(POLL_MS);
    }
  }
  removeTornFiles(stateDir, stack);
};

/** The processes of this host that the stack's locks name. */
const holders = (locks: readonly string[]): number[] =>
  locks.flatMap((path) => {
    try {
      const lock = JSON.parse(readFileSync(path, 'utf8')) as {
        pid?: number;
        hostname?: string;
      };
      return lock.hostname === hostname() && Number.isInteger(lock.pid) ? [Number(lock.pid)] : [];
    } catch {
      // Torn while it was written, or gone meanwhile.
      return [];
    }
  });

/** A process number may belong to another program by now. */
const isEngine = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('pulumi');
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    // Without /proc only the number tells.
    return syscall === 'open' && code === 'ENOENT' && !existsSync('/proc/self');
  }
};
