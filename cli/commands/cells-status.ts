import { cellPort } from '../../control-plane/operations/cell-port.js';
import { getCell } from '../../control-plane/registry/cells.js';
import { readCellStatus } from '../../data-plane/database/cell-status.js';
import type { Context } from '../context.js';
import { size, table } from '../print.js';
import { withRuntime } from '../with-runtime.js';

/** `ringfence cells status <name>` */
export const cellsStatus = async (context: Context, _options: unknown, name: string): Promise<void> => {
  await withRuntime(context, async (runtime) => {
    const cell = await getCell(runtime.control, name);
    const server = await runtime.target.server(name);
    const state = await server.state();
    const database =
      state === 'running' ? await readCellStatus(await runtime.target.adminConnection(name)) : null;
    const history = (await (await runtime.target.history(name)).window()) ?? null;
    const declared = await server.declared();
    const host = declared.kind === 'existing' ? declared.host : '127.0.0.1';
    const port = await cellPort(runtime, cell);
    context.result({ ...cell, port, host, state, database, history }, () =>
      table(
        ['', name],
        [
          ['state', state === 'lost' ? `lost; \`ringfence cells restore ${name}\` brings it back` : state],
          ['tier', cell.tier],
          ['region', cell.region],
          ['address', `${host}:${port ?? '-'}`],
          [
            'restorable',
            history
              ? `any second since ${history.from.toISOString()}; kept for ${cell.historyDays} days`
              : 'backups only: take a base backup with `ringfence backups base`',
          ],
          ...(database
            ? [
                ['postgres', database.version],
                ['archiving', database.archiving],
                ['size', size(database.sizeBytes)],
                ['connections', `${database.connections} of ${database.maxConnections}`],
                ['tenants', `${database.tenants}, with ${database.clinics} clinics`],
                ['tenant tables', String(database.tenantTables)],
                ['up for', `${Math.round(database.uptimeSeconds)} s`],
              ]
            : []),
        ],
      ),
    );
  });
};
