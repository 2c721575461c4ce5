import { RingfenceError } from '../../core/errors.js';
import { compareChanges } from '../../data-plane/moves/compare-changes.js';
import type { MoveRun } from '../../data-plane/moves/move-run.js';
import { readSlots } from '../../data-plane/moves/slot.js';
import type { MoveClients } from '../../data-plane/moves/switch-home.js';

/** So many changed rows are compared behind the fence in a moment. */
const FEW_ROWS = 200;
const ROUNDS = 1_000;
const BUSY_ROUNDS = 20;
/** The longest that a stream may take to bring a marker; a busy source keeps it behind for a while. */
const CATCH_UP_MS = 600_000;

/**
 * Compares what has changed until little is left to compare.
 * @param seen the last event of the audit chain that was found equal before.
 * @returns the last one now; undefined where the chains differ.
 * @throws RingfenceError `move_failed` where the stream is behind, or broken.
 */
export const catchUp = async (
  { source, destination }: MoveClients,
  run: MoveRun,
  { seen, stream }: { readonly seen: number; readonly stream: string },
): Promise<number | undefined> => {
  let last = seen;
  let left = Number.POSITIVE_INFINITY;
  for (let round = 1; round <= ROUNDS; round++) {
    const compared = await compareChanges(source, destination, run, { seen: last, waitMs: CATCH_UP_MS });
    if (compared === undefined) throw behind(await readSlots(source, stream));
    if (!compared.isChainEqual) return undefined;
    last = compared.seen;
    // What a busy tenant changes again each time is compared behind the fence.
    if (compared.left <= FEW_ROWS || (round >= BUSY_ROUNDS && compared.left >= left)) break;
    ({ left } = compared);
  }
  return last;
};

const behind = (slots: Awaited<ReturnType<typeof readSlots>>): RingfenceError => {
  const [slot] = slots;
  const state =
    slot === undefined
      ? 'its slot is gone'
      : `its slot is ${slot.walStatus}, ${slot.active ? 'read' : 'not read'}, and keeps ${slot.keptBytes ?? 'unknown'} bytes of WAL`;
  return new RingfenceError('move_failed', `the stream of changes did not catch up: ${state}`, {
    fix:
      slot?.walStatus === 'lost' || slot === undefined
        ? 'give the move up with `ringfence operations abort`, and begin again when less is written, or with a larger max_slot_wal_keep_size'
        : 'look at the servers’ logs, whether the one reaches the other; then `ringfence operations resume`',
  });
};
