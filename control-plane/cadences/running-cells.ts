import type pg from 'pg';
import { type Connection, withConnection } from '../../data-plane/database/connect.js';
import { isUp } from '../operations/cells-up.js';
import { listCells } from '../registry/cells.js';
import type { Runtime } from '../runtime.js';

/** Runs `work` as the administrator of each running cell, one after the other. */
export const inRunningCells = async <T>(
  runtime: Runtime,
  work: (cell: string, client: pg.Client) => Promise<T>,
): Promise<Array<{ readonly cell: string; readonly result: T }>> => {
  const results = [];
  for (const cell of await listCells(runtime.control)) {
    if (!(await isUp(runtime, cell))) continue;
    const connection: Connection = await runtime.target.adminConnection(cell.name);
    const result = await withConnection(connection, (client) => work(cell.name, client));
    results.push({ cell: cell.name, result });
  }
  return results;
};
