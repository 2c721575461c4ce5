import { keepHistory } from '../cells/cell-history.js';
import type { TaskContext } from '../jobs/task.js';
import { toldWhenFailed } from '../jobs/told-when-failed.js';

/**
 * Takes a cell's base backup, and removes what no second of its window needs.
 * @param lastTry alerts when this one fails too.
 */
export const scheduledBaseBackup = (context: TaskContext, cell: string, lastTry: boolean): Promise<void> => {
  const failing = {
    what: `base backup of cell ${cell}`,
    alert: (code: string) => ({
      kind: 'backup' as const,
      text: `Ringfence could not take a base backup of cell ${cell}: ${code}. It will be tried again tomorrow.`,
      detail: { cell, code },
    }),
    lastTry,
  };
  return toldWhenFailed(context, failing, async () => {
    const { base, removedBases, removedSegments } = await keepHistory(context.runtime, cell);
    context.say(
      base === null
        ? `its provider keeps the backups of cell ${cell} for as long as it wants`
        : `base backup of cell ${cell}; ${removedBases} older ones and ${removedSegments} WAL segments no longer kept`,
    );
  });
};
