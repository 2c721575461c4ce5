import { readFileSync } from 'node:fs';
import { type Connection, withConnection } from './connect.js';

/** The status of a cell's database. */
export interface CellStatus {
  readonly version: string;
  /** Of finished WAL: failing when the last attempt failed. */
  readonly archiving: 'on' | 'off' | 'failing';
  readonly sizeBytes: number;
  readonly connections: number;
  readonly maxConnections: number;
  readonly tenants: number;
  readonly clinics: number;
  readonly tenantTables: number;
  readonly uptimeSeconds: number;
}

const QUERY = readFileSync(new URL('./queries/cell-status.sql', import.meta.url), 'utf8');

export const readCellStatus = (connection: Connection): Promise<CellStatus> =>
  withConnection(connection, async (client) => (await client.query<CellStatus>(QUERY)).rows[0] as CellStatus);
