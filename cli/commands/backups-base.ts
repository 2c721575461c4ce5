import { type HistoryKept, keepHistory } from '../../control-plane/cells/cell-history.js';
import { runningCells } from '../../control-plane/cells/cells-up.js';
import type { Context } from '../context.js';
import { size } from '../print.js';
import { sayPassedOver } from '../say-passed-over.js';
import { withRuntime } from '../with-runtime.js';

/** `ringfence backups base [cell]` */
export const backupsBase = async (context: Context, _options: unknown, name?: string): Promise<void> => {
  const kept = await withRuntime(context, async (runtime) => {
    const cells = name === undefined ? await runningCells(runtime) : [name];
    const done: HistoryKept[] = [];
    for (const cell of cells) done.push(await keepHistory(runtime, cell));
    if (name === undefined) await sayPassedOver(context, runtime);
    return done;
  });
  context.result(kept, () => kept.map(line).join('') || 'no cell runs\n');
};

const line = ({ cell, base, window, removedBases, removedSegments }: HistoryKept): string => {
  const since = window ? `any second since ${window.from.toISOString()} can be restored` : 'not usable yet';
  if (base === null) return `${cell}  Amazon RDS takes its backups; ${since}\n`;
  const gone = `${removedBases} older ones and ${removedSegments} WAL segments removed`;
  return `${cell}  base backup of ${size(base.storedBytes)}; ${since}; ${gone}\n`;
};
