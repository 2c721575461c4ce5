import { readFileSync } from 'node:fs';
import type pg from 'pg';
import type { CellCredentials } from './cell-credentials.js';
import { installContextKey } from './context-key.js';
import { isManaged } from './managed.js';
import { migrate } from './migrate.js';
import { installPermissions } from './permissions.js';
import { scramVerifier } from './scram.js';

const MANAGED_CELL = readFileSync(new URL('./managed-cell.sql', import.meta.url), 'utf8');

/** How long the application's login may wait for a lock. No provider of roles knows this setting, so none takes it back. */
const LOCK_TIMEOUT_MS = 5_000;

/** How long it may sit in an open transaction. The engine declares it too (stacks/cell.ts), in digits: its plugin reads no units. */
export const IDLE_IN_TRANSACTION_MS = 60_000;

const APP_SETTINGS = `
  ALTER ROLE ringfence_app SET lock_timeout = ${LOCK_TIMEOUT_MS};
  ALTER ROLE ringfence_app SET idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_MS};
`;

/**
 * Makes a database with its roles a cell: schema, context key, the application's password. Safe to run again.
 * @param client of the database's owner. It is a superuser, or has made the roles, on Postgres 16 or newer.
 */
export const prepareCell = async (
  client: pg.Client,
  credentials: CellCredentials,
): Promise<{ migrations: string[] }> => {
  const migrations = await migrate(client, 'cell');
  if (await isManaged(client)) await client.query(MANAGED_CELL);
  await installContextKey(client, credentials.contextKey);
  await installPermissions(client);
  await client.query(APP_SETTINGS);
  await client.query(
    `ALTER ROLE ringfence_app PASSWORD ${client.escapeLiteral(scramVerifier(credentials.appPassword))}`,
  );
  return { migrations };
};
