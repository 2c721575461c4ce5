import { cellPort } from '../cells/cell-port.js';
import { type Cell, listCells } from '../cells/store.js';
import type { Runtime } from '../runtime.js';
import { countTenants } from '../tenants/store.js';
import type { InspectedCell } from './inspect-cell.js';

/** A cell in a list. */
export interface ListedCell
  extends Pick<Cell, 'name' | 'tier' | 'region' | 'target' | 'rdsInstance' | 'port'>,
    Pick<InspectedCell, 'state' | 'host'> {
  readonly tenants: number;
}

/** Every cell with the state of its server. Starts nothing. */
export const listCellStates = async (runtime: Runtime): Promise<ListedCell[]> => {
  const tenants = await countTenants(runtime.control);
  return Promise.all(
    (await listCells(runtime.control)).map(async (cell) => {
      const { name, tier, region, target, rdsInstance } = cell;
      const server = await runtime.target.server(name);
      const port = await cellPort(runtime, cell);
      const host = rdsInstance === null ? '127.0.0.1' : null;
      const state = await server.state();
      return { name, tier, region, target, state, rdsInstance, host, port, tenants: tenants.get(name) ?? 0 };
    }),
  );
};
