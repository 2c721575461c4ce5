import type pg from 'pg';
import { withConnection } from '../../../data-plane/database/connect.js';
import { runningCells } from '../../cells/cells-up.js';
import type { Runtime } from '../../runtime.js';

/** Runs `work` as the administrator of each running cell, one after the other. */
export const inRunningCells = async <T>(
  runtime: Runtime,
  work: (cell: string, client: pg.Client) => Promise<T>,
): Promise<Array<{ readonly cell: string; readonly result: T }>> => {
  const results = [];
  for (const cell of await runningCells(runtime)) {
    const connection = await runtime.target.adminConnection(cell);
    results.push({ cell, result: await withConnection(connection, (client) => work(cell, client)) });
  }
  return results;
};
