import { defineCommand } from '../../command/define-command.js';
import { table } from '../../print/table.js';
import { isFresh, withRuntime } from '../../runtime/with-runtime.js';

const NONE = 'no cells yet: `ringfence tenants add` or `ringfence cells up` brings one up\n';

/** `ringfence cells list` */
export const cellsList = defineCommand({
  name: 'list',
  description: 'every cell with its state',
  run: async (context) => {
    const { cellPort } = await import('../../../control-plane/cells/cell-port.js');
    const { listCells } = await import('../../../control-plane/cells/store.js');
    const { listTenants } = await import('../../../control-plane/tenants/store.js');
    if (await isFresh(context)) return context.result([], () => NONE);
    await withRuntime(context, async (runtime) => {
      const tenants = await listTenants(runtime.control);
      const cells = await Promise.all(
        (await listCells(runtime.control)).map(async (cell) => {
          const server = await runtime.target.server(cell.name);
          const tenantsInIt = tenants.filter((tenant) => tenant.cell === cell.name).length;
          const { name, tier, region, target, rdsInstance } = cell;
          const port = await cellPort(runtime, cell);
          const host = rdsInstance === null ? '127.0.0.1' : null;
          const state = await server.state();
          return { name, tier, region, target, state, rdsInstance, host, port, tenants: tenantsInIt };
        }),
      );
      context.result(cells, () =>
        cells.length === 0
          ? NONE
          : table(
              ['cell', 'tier', 'region', 'on', 'state', 'port', 'tenants'],
              cells.map((cell) => [
                cell.name,
                cell.tier,
                cell.region,
                cell.rdsInstance ?? 'this machine',
                cell.state,
                String(cell.port ?? '-'),
                String(cell.tenants),
              ]),
            ),
      );
    });
  },
});
