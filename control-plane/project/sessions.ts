import type pg from 'pg';
import { z } from 'zod';
import { readRows } from './read-rows.js';

const sessionSchema = z.object({ name: z.string() });

/** Names of the applications that have sessions in a database, besides this session; '' for those without a name. */
export const sessionNames = async (
  client: Pick<pg.Pool, 'query'> | pg.Client,
  database: string,
): Promise<string[]> => {
  const { rows } = await client.query(
    `SELECT DISTINCT application_name AS name FROM pg_stat_activity
      WHERE datname = $1 AND backend_type = 'client backend' AND pid <> pg_backend_pid() ORDER BY 1`,
    [database],
  );
  return readRows(sessionSchema, 'pg_stat_activity', rows).map(({ name }) => name);
};
