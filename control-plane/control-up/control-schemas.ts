import { runMigrations } from 'graphile-worker';
import type pg from 'pg';
import { RingfenceError } from '../../core/errors.js';
import { type Connection, openPool, withConnection } from '../../data-plane/database/connect.js';
import { migrate } from '../../data-plane/database/migrate.js';
import { sessionNames } from '../project/sessions.js';

/** The queue has a schema of its own, which the worker's library makes. */
const QUEUE = 'graphile_worker';
const CONTROL_SCHEMAS = ['control', QUEUE] as const;
export type ControlSchema = (typeof CONTROL_SCHEMAS)[number];

/** Those that a control database has: one that no worker ever worked with has no queue. */
export const schemasOf = async (client: pg.Client): Promise<ControlSchema[]> => {
  const { rows } = await client.query('SELECT FROM pg_namespace WHERE nspname = $1', [QUEUE]);
  return CONTROL_SCHEMAS.filter((schema) => schema !== QUEUE || rows.length > 0);
};

/** Makes the tables of this version, or brings earlier ones to it. */
export const bringSchemasForward = async (
  connection: Connection,
  schemas: readonly ControlSchema[],
): Promise<void> => {
  if (schemas.includes('control'))
    await withConnection(connection, async (client) => {
      await migrate(client, 'control');
    });
  if (schemas.includes(QUEUE)) await bringQueueForward(connection);
};

/** As the worker does when it starts. */
const bringQueueForward = async (connection: Connection): Promise<void> => {
  const pool = openPool(connection, { max: 1, name: 'ringfence control' });
  try {
    await runMigrations({ pgPool: pool });
  } finally {
    await pool.end();
  }
};

export const hasDatabase = async (client: pg.Client, name: string): Promise<boolean> => {
  const { rows } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
  return rows.length > 0;
};

/** As a local one, by the rules of C for any language (`initialise.ts`). Before 17 there is no provider of that name. */
export const createDatabase = async (client: pg.Client, name: string): Promise<void> => {
  const { rows } = await client.query<{ version: number }>(
    `SELECT current_setting('server_version_num')::int AS version`,
  );
  const locale =
    (rows[0]?.version ?? 0) >= 170_000
      ? `LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'`
      : `LOCALE 'C'`;
  await client.query(
    `CREATE DATABASE ${client.escapeIdentifier(name)} TEMPLATE template0 ENCODING 'UTF8' ${locale}`,
  );
};

/** @throws RingfenceError `conflict` with the names of those who work with a database, besides this session. */
export const refuseOthers = async (client: pg.Client, database: string): Promise<void> => {
  const others = (await sessionNames(client, database)).map((name) => name || 'a client without a name');
  if (others.length === 0) return;
  throw new RingfenceError('conflict', `others work with the control database: ${others.join(', ')}`, {
    fix: 'end the worker, applications and other commands of this project, and type this again',
  });
};

/** @throws RingfenceError `conflict` for a database with tables that are none of a control database. */
export const refuseForeign = async (client: pg.Client): Promise<void> => {
  const { rows } = await client.query<{ name: string }>(
    `SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND n.nspname <> ALL ($1) AND n.nspname NOT IN ('pg_catalog', 'information_schema') LIMIT 1`,
    [CONTROL_SCHEMAS],
  );
  if (rows[0])
    throw new RingfenceError(
      'conflict',
      `database control of the instance has table ${rows[0].name} already`,
      {
        fix: 'name an instance without a database control, or remove that database',
      },
    );
};
