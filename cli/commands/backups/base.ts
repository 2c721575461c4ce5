import type { HistoryKept } from '../../../control-plane/cells/cell-history.js';
import { defineCommand } from '../../command/define-command.js';
import { sayPassedOver } from '../../print/passed-over.js';
import { size } from '../../print/table.js';
import { withRuntime } from '../../runtime/with-runtime.js';

export const backupsBase = defineCommand({
  name: 'base',
  description:
    'take a base backup of a cell, or of all that run, and remove what no second of its window needs; the worker does it daily',
  arguments: ['[cell]'],
  examples: ['ringfence backups base'],
  onWorker: { kind: 'backups base' },
  view: async () => (await import('../../../control-plane/cells/views.js')).historiesView,
  run: async (context, _options, name) => {
    const { keepHistories } = await import('../../../control-plane/cells/keep-histories.js');
    const kept = await withRuntime(context, async (runtime) => {
      const histories = await keepHistories(runtime, name);
      if (name === undefined) await sayPassedOver(context, runtime);
      return histories;
    });
    context.result(kept, () => kept.map(line).join('') || 'no cell runs\n');
  },
});

const line = ({ cell, base, window, removedBases, removedSegments }: HistoryKept): string => {
  const since = window ? `any second since ${window.from.toISOString()} can be restored` : 'not usable yet';
  if (base === null) return `${cell}  its provider takes its backups; ${since}\n`;
  const gone = `${removedBases} older ones and ${removedSegments} WAL segments removed`;
  return `${cell}  base backup of ${size(base.storedBytes)}; ${since}; ${gone}\n`;
};
