import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { RingfenceError } from '../../../core/errors.js';
import { stackFolders, stackLocks } from './engine-state.js';

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

/**
 * An engine that ends while it writes leaves a part of a new file (`.tmp`), or an empty file of attributes beside a whole one
 * (gocloud.dev/blob/fileblob), for which every later engine fails with "failed to load checkpoint: EOF". Without the
 * attributes it takes their defaults.
 */
const removeTornFiles = (stateDir: string, stack: string): void => {
  const { stacks, history, backups, locks } = stackFolders(stateDir, stack);
  const isOfStack = (name: string): boolean =>
    name.startsWith(`${stack}.json`) || name.startsWith(`${stack}.`);
  for (const folder of [stacks, history, backups, locks]) {
    for (const name of existsSync(folder) ? readdirSync(folder) : []) {
      const path = join(folder, name);
      const isTorn = name.endsWith('.tmp') || (name.endsWith('.attrs') && !isJson(path));
      if (isTorn && (folder === locks || isOfStack(name))) rmSync(path, { force: true });
    }
  }
};

const isJson = (path: string): boolean => {
  try {
    JSON.parse(readFileSync(path, 'utf8'));
    return true;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return false;
  }
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
