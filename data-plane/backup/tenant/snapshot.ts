import type pg from 'pg';
import { type Connection, withConnection } from '../../database/connect.js';

/** A table that somebody has locked whole: a backup fails then and is tried again, and does not hang. */
const LOCK_TIMEOUT_MS = 30_000;

/**
 * Runs `work` on a connection of its own that sees one state of the database. Row-level security makes its statements
 * fail instead of hiding rows (isolation: a backup that it emptied must fail). After a failure the connection is
 * closed, not rolled back: a COPY that was left early takes no more statements.
 *
 * @param snapshot of another transaction that is open meanwhile; without it, the state of this moment.
 */
export const withSnapshot = <T>(
  connection: Connection,
  work: (client: pg.Client) => Promise<T>,
  snapshot?: string,
): Promise<T> =>
  withConnection(connection, async (client) => {
    await client.query(`SET row_security = off; SET lock_timeout = '${LOCK_TIMEOUT_MS}ms'`);
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    if (snapshot !== undefined)
      await client.query(`SET TRANSACTION SNAPSHOT ${client.escapeLiteral(snapshot)}`);
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  });

/** Lets other connections see the state that this transaction sees, as long as it is open. */
export const exportSnapshot = async (client: pg.ClientBase): Promise<string> => {
  const { rows } = await client.query<{ id: string }>('SELECT pg_export_snapshot() AS id');
  return rows[0]?.id ?? '';
};
