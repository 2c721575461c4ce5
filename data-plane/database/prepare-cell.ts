import { readFileSync } from 'node:fs';
import type pg from 'pg';
import { setApplicationLogins } from './application-logins.js';
import type { CellCredentials } from './cell-credentials.js';
import { installContextKey } from './context-key.js';
import { type Difference, recordDefences, restoreDefences } from './defences.js';
import { isManaged } from './managed.js';
import { migrate } from './migrate.js';
import { installPermissions } from './permissions.js';

const MANAGED_CELL = readFileSync(new URL('./managed-cell.sql', import.meta.url), 'utf8');

/**
 * Makes a database with its roles a cell: schema, context key, the logins of applications. Safe to run again: what is
 * otherwise than the release made it is put back.
 * @param client of the database's owner. It is a superuser, or has made the roles, on Postgres 16 or newer.
 */
export const prepareCell = async (
  client: pg.Client,
  credentials: CellCredentials,
): Promise<{ migrations: string[]; mended: Difference[] }> => {
  const mended = (await isPrepared(client)) ? await restoreDefences(client) : [];
  const migrations = await migrate(client, 'cell');
  if (await isManaged(client)) await client.query(MANAGED_CELL);
  await installContextKey(client, credentials.contextKey);
  await installPermissions(client);
  const logins = await setApplicationLogins(client, credentials);
  if (migrations.length > 0) {
    await recordDefences(client);
    return { migrations, mended };
  }
  return { migrations, mended: [...mended, ...logins.map(asDifference)] };
};

/** Whether a release has been here. */
export const isPrepared = async (client: pg.Client): Promise<boolean> => {
  const { rows } = await client.query<{ there: boolean }>(
    `SELECT to_regclass('ringfence_private.release') IS NOT NULL AS there`,
  );
  return rows[0]?.there === true;
};

const asDifference = (object: string): Difference => ({
  kind: 'login',
  object,
  problem: 'is another than in this release',
});

/**
 * Puts every defence of a cell back to what its release says. One transaction.
 * @param dryRun nothing is changed.
 * @returns what differed.
 */
export const repairCell = async (
  client: pg.Client,
  credentials: CellCredentials,
  { dryRun }: { readonly dryRun: boolean },
): Promise<Difference[]> => {
  await client.query('BEGIN');
  try {
    const mended = await restoreDefences(client);
    const logins = await setApplicationLogins(client, credentials);
    await client.query(dryRun ? 'ROLLBACK' : 'COMMIT');
    return [...mended, ...logins.map(asDifference)];
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
};
