import { defineCommand, NOT_ON_WORKER } from '../../command/define-command.js';
import { table } from '../../print/table.js';
import { isFresh, withRuntime } from '../../runtime/with-runtime.js';

const NONE = 'no cells yet: `ringfence tenants add` or `ringfence cells up` brings one up\n';

export const cellsList = defineCommand({
  name: 'list',
  description: 'every cell with its state',
  notOnWorker: NOT_ON_WORKER.saysWhatItCan,
  view: async () => (await import('../../../control-plane/cell-status/views.js')).listedCellsView,
  run: async (context) => {
    if (await isFresh(context)) return context.result([], () => NONE);
    const { listCellStates } = await import('../../../control-plane/cell-status/list-cells.js');
    const cells = await withRuntime(context, listCellStates);
    context.result(cells, () =>
      cells.length === 0
        ? NONE
        : table(
            ['cell', 'tier', 'region', 'size', 'on', 'state', 'port', 'tenants'],
            cells.map((cell) => [
              cell.name,
              cell.tier,
              cell.region,
              cell.size,
              cell.on,
              cell.state,
              String(cell.port ?? '-'),
              String(cell.tenants),
            ]),
          ),
    );
  },
});
