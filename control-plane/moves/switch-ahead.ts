import { RingfenceError } from '../../core/errors.js';
import { countEventsOnlyIn } from '../../data-plane/moves/chain-ahead.js';
import { awaitEmpty, setFence } from '../../data-plane/moves/fence.js';
import type { MoveClients } from '../../data-plane/moves/switch-home.js';
import type { Runtime } from '../runtime.js';
import { type Moving, moveIn, refreshMove, runOf, withEnds } from './moving.js';
import { reopenSource } from './reopen-source.js';
import { changeMove, flipHome, nextEpoch } from './store.js';

/**
 * Switches to a destination that has all that the home has, and more: the home came back from an earlier state. Nothing is copied,
 * because a copy would delete what the destination has more.
 * @returns false where that is not so; nothing was done then. @throws RingfenceError `tenant_busy`.
 */
export const switchAhead = async (runtime: Runtime, moving: Moving): Promise<boolean> => {
  const move = moveIn(moving);
  const { control } = runtime;
  const run = runOf(move);
  const isDone = await withEnds(runtime, move, async (clients) => {
    const events = await eventsAhead(clients, move.tenantId);
    if (events === 0) return false;
    moving.onProgress(
      `cell ${move.destination} has ${events} events that its home has lost: it becomes the home as it is`,
    );
    if (move.state !== 'fenced') await changeMove(control, move, move.state, { state: 'fenced' });
    const epoch = await nextEpoch(control, move);
    await setFence(clients.source, run, 'closed');
    const inside = await awaitEmpty(clients.source, run, moving.how.drainMs);
    if (inside.length === 0 && (await eventsAhead(clients, move.tenantId)) > 0) {
      await flipHome(control, move, epoch);
      return true;
    }
    await reopenSource(runtime, run, move.source);
    await changeMove(control, move, 'fenced', { state: 'following' });
    throw new RingfenceError('tenant_busy', 'the tenant has written at its home meanwhile', {
      fix: 'the tenant works on where it was: `ringfence operations resume` compares both cells again',
    });
  });
  await refreshMove(runtime, moving);
  return isDone;
};

/** Events that the destination has more; 0 where the home has any that it has not. */
const eventsAhead = async ({ source, destination }: MoveClients, tenantId: string): Promise<number> =>
  (await countEventsOnlyIn(source, destination, tenantId)) > 0
    ? 0
    : countEventsOnlyIn(destination, source, tenantId);
