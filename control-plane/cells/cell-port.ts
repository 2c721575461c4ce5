import { targetOf } from '../../targets/index.js';
import type { Runtime } from '../runtime.js';
import type { Cell } from './store.js';

/** The port on which a cell listens now. For a stopped cell the port of its deployment, or null before one. Starts nothing. */
export const cellPort = async (runtime: Runtime, cell: Cell): Promise<number | null> => {
  if (!targetOf(cell).isHere) return cell.port;
  const server = await runtime.target.server(cell.name);
  if ((await server.state()) !== 'running') return cell.port;
  return (await runtime.target.adminConnection(cell.name)).port;
};
