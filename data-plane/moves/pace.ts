import { setTimeout as pause } from 'node:timers/promises';

/** Waits, after so many bytes were worked on, until more may be. */
export type Pace = (bytes: number) => Promise<void>;

/**
 * Keeps to so many bytes a second: work at full speed takes the disk and the processors from neighbours. Time that was lost is not made
 * up for. Without a number nothing waits.
 */
export const pacer = (bytesPerSecond: number | undefined): Pace => {
  let dueMs = 0;
  return async (bytes) => {
    if (bytesPerSecond === undefined) return;
    dueMs = Math.max(dueMs, performance.now()) + (bytes / bytesPerSecond) * 1_000;
    const aheadMs = dueMs - performance.now();
    if (aheadMs > 1) await pause(aheadMs);
  };
};
