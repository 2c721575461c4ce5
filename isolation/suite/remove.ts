import type pg from 'pg';
import { dropSchemaCopies, listCopiedTenants } from '../../data-plane/backup/tenant/restore/to-schema.js';
import { inTransaction } from '../../data-plane/database/connect.js';
import { readPlaces } from '../../data-plane/database/places.js';
import { CANARY_ID_FIRST, CANARY_ID_LAST, CANARY_PREFIXES } from './canary-ids.js';
import type { SuiteKeys } from './target.js';

/**
 * Removes everything that throw-away tenants of this run or of a killed one have left in the cell, its keys and its
 * objects. Finds it by the range of their ids, so it cannot touch a real tenant. Idempotent.
 */
export const removeCanaries = async (admin: pg.Client, keys: SuiteKeys): Promise<void> => {
  await keys.forget(CANARY_ID_FIRST, CANARY_ID_LAST);
  for (const prefix of CANARY_PREFIXES)
    for await (const { key } of keys.objects.list(prefix)) await keys.objects.delete(key);
  for (const id of await listCopiedTenants(admin))
    if (id >= CANARY_ID_FIRST && id <= CANARY_ID_LAST)
      await inTransaction(admin, () => dropSchemaCopies(admin, id));
  const places = await readPlaces(admin);
  await inTransaction(admin, async () => {
    // No trigger fires and the order of tables does not matter; entering stays guarded.
    await admin.query('SET LOCAL session_replication_role = replica');
    for (const { table, column } of places) {
      await admin.query(`DELETE FROM ${table} WHERE ${column} BETWEEN $1 AND $2`, [
        CANARY_ID_FIRST,
        CANARY_ID_LAST,
      ]);
    }
  });
  await dropCanaryLogins(admin);
};

/** Logins are the server's, so their names hold the database that they were made for. */
export const canaryLoginPrefix = async (admin: pg.Client): Promise<string> => {
  const { rows } = await admin.query<{ oid: number }>(
    'SELECT oid::int FROM pg_database WHERE datname = current_database()',
  );
  return `canary_${rows[0]?.oid}_`;
};

const dropCanaryLogins = async (admin: pg.Client): Promise<void> => {
  const { rows } = await admin.query<{ name: string }>(
    'SELECT quote_ident(rolname) AS name FROM pg_roles WHERE starts_with(rolname, $1)',
    [await canaryLoginPrefix(admin)],
  );
  for (const { name } of rows) await admin.query(`DROP OWNED BY ${name}; DROP ROLE ${name}`);
};
