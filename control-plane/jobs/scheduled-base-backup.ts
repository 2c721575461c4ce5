import { translateIfDatabaseError } from '../../data-plane/database/errors.js';
import { RingfenceError } from '../../tenants/errors.js';
import { keepHistory } from '../operations/cell-history.js';
import type { TaskContext } from './task.js';

/**
 * Takes a cell's base backup, and removes what no second of its window needs.
 * @param lastTry alerts when this one fails too.
 */
export const scheduledBaseBackup = async (
  { runtime, say, alert }: TaskContext,
  cell: string,
  lastTry: boolean,
): Promise<void> => {
  try {
    const { removedBases, removedSegments } = await keepHistory(runtime, cell);
    say(
      `base backup of cell ${cell}; ${removedBases} older ones and ${removedSegments} WAL segments no longer kept`,
    );
  } catch (error) {
    const failure = translateIfDatabaseError(error);
    const code = failure instanceof RingfenceError ? failure.code : 'internal';
    say(`base backup of cell ${cell} failed: ${code}`);
    if (lastTry) {
      await alert({
        kind: 'backup',
        text: `Ringfence could not take a base backup of cell ${cell}: ${code}. It will be tried again tomorrow.`,
        detail: { cell, code },
      });
    }
    throw error;
  }
};
