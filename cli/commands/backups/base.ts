import type { HistoryKept } from '../../../control-plane/cells/cell-history.js';
import { defineCommand } from '../../command/define-command.js';
import { size } from '../../print/table.js';
import { withRuntime } from '../../runtime/with-runtime.js';

/** `ringfence backups base [cell]` */
export const backupsBase = defineCommand({
  name: 'base',
  description:
    'take a base backup of a cell, or of all that run, and remove what no second of its window needs; the worker does it daily',
  arguments: ['[cell]'],
  examples: ['ringfence backups base'],
  run: async (context, _options, name) => {
    const { keepHistory } = await import('../../../control-plane/cells/cell-history.js');
    const { runningCells } = await import('../../../control-plane/cells/cells-up.js');
    const kept = await withRuntime(context, async (runtime) => {
      const cells = name === undefined ? await runningCells(runtime) : [name];
      const done: HistoryKept[] = [];
      for (const cell of cells) done.push(await keepHistory(runtime, cell));
      return done;
    });
    context.result(kept, () => kept.map(line).join('') || 'no cell runs\n');
  },
});

const line = ({ cell, base, window, removedBases, removedSegments }: HistoryKept): string => {
  const since = window ? `any second since ${window.from.toISOString()} can be restored` : 'not usable yet';
  if (base === null) return `${cell}  Amazon RDS takes its backups; ${since}\n`;
  const gone = `${removedBases} older ones and ${removedSegments} WAL segments removed`;
  return `${cell}  base backup of ${size(base.storedBytes)}; ${since}; ${gone}\n`;
};
