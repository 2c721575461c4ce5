import { targetOf } from '../../targets/index.js';
import type { Runtime } from '../runtime.js';
import type { Cell } from './store.js';

/** Where a cell listens now; of one that does not run, where it was deployed, null before that. Starts nothing. */
export const cellPort = async (runtime: Runtime, cell: Cell): Promise<number | null> => {
  if (!targetOf(cell).isHere) return cell.port;
  const server = await runtime.target.server(cell.name);
  if ((await server.state()) !== 'running') return cell.port;
  return (await runtime.target.adminConnection(cell.name)).port;
};
