import { targetOf } from '../../targets/index.js';
import { cellPort } from '../cells/cell-port.js';
import { knownHost, type ShownCell, showCell } from '../cells/shown-cell.js';
import { listCells } from '../cells/store.js';
import type { Runtime } from '../runtime.js';
import { countTenants } from '../tenants/store.js';
import type { InspectedCell } from './inspect-cell.js';

/** A cell in a list. */
export interface ListedCell
  extends Omit<
      ShownCell,
      'id' | 'rootKeyId' | 'historyDays' | 'restartMs' | 'restartedAt' | 'replicas' | 'reach'
    >,
    Pick<InspectedCell, 'state' | 'host'> {
  /** The place of its server: `this machine`, or the name of the server. */
  readonly on: string;
  readonly tenants: number;
}

/** Every cell with the state of its server. Starts nothing. */
export const listCellStates = async (runtime: Runtime): Promise<ListedCell[]> => {
  const tenants = await countTenants(runtime.control);
  return Promise.all(
    (await listCells(runtime.control)).map(async (cell) => {
      const { id, rootKeyId, historyDays, restartMs, restartedAt, replicas, reach, ...shown } =
        showCell(cell);
      const server = await runtime.target.server(cell.name);
      return {
        ...shown,
        port: await cellPort(runtime, cell),
        host: knownHost(cell),
        on: targetOf(cell).words(cell.address).place,
        state: await server.state(),
        tenants: tenants.get(cell.name) ?? 0,
      };
    }),
  );
};
