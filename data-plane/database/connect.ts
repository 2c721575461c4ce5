import type pg from 'pg';
import { Client, makePool } from './client.js';
import { translateDatabaseError, translateIfDatabaseError } from './errors.js';
import { VALUE_TYPES } from './value-types.js';

/**
 * The first settings of the administrator's sessions, whatever is stored with the role or the database: nobody could undo a
 * stored time limit of 1 ms. Any server and any login takes them.
 */
export const ADMINISTRATOR_SETTINGS: Readonly<Record<string, string>> = {
  statement_timeout: '0',
  lock_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  default_transaction_read_only: 'off',
  row_security: 'on',
};

/** Host, port, database and login. The password never leaves the process that connects. */
export interface Connection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Over TLS only, to a server of that name whose certificate one of these authorities (PEM) has signed. */
  readonly ssl?: { readonly ca: string };
  /** Settings of the session, as libpq takes them. They outrank those that are stored with a role or a database. */
  readonly options?: string;
  /** Statements go out without waiting for the answer to the one before. */
  readonly pipeline?: true;
  /** Asked anew for each connection of a server that may come back on another port; undefined is as `host` and `port` say. */
  readonly address?: () => { readonly host: string; readonly port: number } | undefined;
}

/** Gives the administrator's sessions settings of their own, in the packet that begins them. */
export const asAdministrator = (connection: Connection): Connection => ({
  ...connection,
  options: Object.entries({ ...ADMINISTRATOR_SETTINGS, search_path: '"$user",public', role: 'none' })
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' '),
});

const CONNECT_TIMEOUT_MS = 10_000;

export const openPool = (
  connection: Connection,
  options: {
    readonly max: number;
    readonly name: string;
    /** Asked for each new connection, where the server's provider changes it. */
    readonly password?: () => Promise<string>;
  },
): pg.Pool =>
  makePool({
    ...connection,
    password: options.password ?? connection.password,
    types: VALUE_TYPES,
    max: options.max,
    application_name: options.name,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: 10_000,
    allowExitOnIdle: true,
  });

/** Runs `work` on one connection of its own and closes it. Errors of the database leave as RingfenceError, others as they are. */
export const withConnection = async <T>(
  connection: Connection,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> => {
  const client = new Client({
    ...connection,
    types: VALUE_TYPES,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  client.on('error', () => undefined);
  try {
    await client.connect().catch((error: unknown) => {
      throw translateDatabaseError(error);
    });
    return await work(client);
  } catch (error) {
    throw translateIfDatabaseError(error);
  } finally {
    await client.end().catch(() => undefined);
  }
};

/** Runs `work` in one transaction on a connection of a pool. One that breaks meanwhile is an error of `work`, and ends no process. */
export const inPooledTransaction = async <T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> => {
  const client = await pool.connect();
  let isBroken = false;
  const onError = (): void => {
    isBroken = true;
  };
  client.on('error', onError);
  try {
    return await inTransaction(client, work);
  } finally {
    client.off('error', onError);
    client.release(isBroken);
  }
};

/** Runs `work` in one transaction: committed when it returns, rolled back when it throws. */
export const inTransaction = async <C extends pg.ClientBase, T>(
  client: C,
  work: (client: C) => Promise<T>,
): Promise<T> => {
  await client.query('BEGIN');
  try {
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
};
