import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { RingfenceError } from '../../../core/errors.js';
import { lockHolders } from '../../project/state/stack-files.js';
import type { StateStore } from '../../project/state/state-store.js';

/** An engine without its parent ends at its next step. No step takes longer than this. */
const PATIENCE_MS = 20_000;
const POLL_MS = 50;

/**
 * Waits for the engine of a killed run, then removes its unfinished files. A SIGKILL ends Ringfence, but its child writes
 * state until it notices. The caller holds the lock of what the stack deploys.
 * @throws RingfenceError `conflict` when an engine still works on the stack after 20 seconds, or one of another machine may
 */
export const waitForAbandonedRun = async (state: StateStore, stack: string): Promise<void> => {
  const deadlineMs = performance.now() + PATIENCE_MS;
  const holders = await lockHolders(state, stack);
  const here = hostname();
  const other = holders.find((holder) => holder.hostname !== here);
  if (state.setting !== undefined && other) throw workedOnElsewhere(stack, other.hostname);
  for (const { pid } of holders.filter((holder) => holder.hostname === here)) {
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
  state.mend(stack, { hasEnded: true });
};

/** Nobody here can tell whether it still runs. */
const workedOnElsewhere = (stack: string, host: string): RingfenceError =>
  new RingfenceError('conflict', `an engine on ${host} works on stack ${stack}, or was killed there`, {
    fix: `wait for it; if it was killed, \`ringfence pulumi -- cancel -s ${stack}\` gives the lock back`,
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
