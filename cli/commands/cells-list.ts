import { listCells } from '../../control-plane/registry/cells.js';
import { listTenants } from '../../control-plane/registry/tenants.js';
import { localServerStatus } from '../../data-plane/database/server/local-server.js';
import type { Context } from '../context.js';
import { table } from '../print.js';
import { isFresh, withRuntime } from '../with-runtime.js';

const NONE = 'no cells yet: `ringfence tenants add` or `ringfence cells up` brings one up\n';

/** `ringfence cells list` */
export const cellsList = async (context: Context): Promise<void> => {
  if (await isFresh(context)) return context.result([], () => NONE);
  await withRuntime(context, async (runtime) => {
    const tenants = await listTenants(runtime.control);
    const cells = (await listCells(runtime.control)).map((cell) => ({
      name: cell.name,
      tier: cell.tier,
      region: cell.region,
      target: cell.target,
      state: localServerStatus(runtime.target.cellDir(cell.name)),
      host: '127.0.0.1',
      port: cell.port,
      tenants: tenants.filter((tenant) => tenant.cell === cell.name).length,
    }));
    context.result(cells, () =>
      cells.length === 0
        ? NONE
        : table(
            ['cell', 'tier', 'region', 'state', 'port', 'tenants'],
            cells.map((cell) => [
              cell.name,
              cell.tier,
              cell.region,
              cell.state,
              String(cell.port ?? '-'),
              String(cell.tenants),
            ]),
          ),
    );
  });
};
