import { setTimeout as pause } from 'node:timers/promises';
import { RingfenceError } from '../../core/errors.js';
import { withConnection } from '../../data-plane/database/connect.js';
import type { MoveRun } from '../../data-plane/moves/move-run.js';
import type { Runtime } from '../runtime.js';
import { openFence } from './open-fence.js';

const TRIES = 30;
const PAUSE_MS = 500;

/**
 * Opens a fence that a move has drawn and did not get through, by connections of its own. A server that was killed comes back meanwhile.
 * @throws RingfenceError `move_failed` where the server does not answer for a quarter of a minute: the tenant takes no writes then.
 */
export const reopenSource = async (runtime: Runtime, run: MoveRun, cell: string): Promise<void> => {
  for (let tries = 1; ; tries++) {
    try {
      await withConnection(await runtime.target.adminConnection(cell), (client) =>
        openFence(runtime, client, run),
      );
      return;
    } catch (error) {
      // Whoever has taken the move over opens it.
      if (error instanceof RingfenceError && error.code === 'move_superseded') return;
      if (tries === TRIES)
        throw new RingfenceError(
          'move_failed',
          `cell ${cell} does not answer, and its fence is drawn: the tenant takes no writes`,
          {
            fix: 'bring the cell up with `ringfence cells up`, then type `ringfence operations resume` or `ringfence operations abort` at once',
            cause: error,
          },
        );
      await pause(PAUSE_MS);
    }
  }
};
