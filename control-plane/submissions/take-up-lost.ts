import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import { listLost, queueAgain } from './store.js';

const LOOK_AGAIN_AFTER_MS = 3_000;

/**
 * Puts submissions of lost workers into the queue again, until `signal`. One counts as lost when two looks find it so: a worker
 * whose session broke is back by then.
 */
export const takeUpLost = async (
  control: pg.Pool,
  { say, signal }: { readonly say: (line: string) => void; readonly signal: AbortSignal },
): Promise<void> => {
  let before: readonly string[] = [];
  while (!signal.aborted) {
    try {
      const lost = await listLost(control);
      for (const id of lost.filter((each) => before.includes(each))) {
        say(`submission ${id} was left by a worker that is lost: taken up`);
        await queueAgain(control, id);
      }
      before = lost;
    } catch {
      // The control database is away; the queue says so itself.
    }
    await pause(LOOK_AGAIN_AFTER_MS, undefined, { signal }).catch(() => undefined);
  }
};
