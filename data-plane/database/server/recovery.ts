import { setTimeout as pause } from 'node:timers/promises';
import { RingfenceError } from '../../../core/errors.js';
import { postmasterPid, runningPort } from './postmaster.js';

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
