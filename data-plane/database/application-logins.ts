import type pg from 'pg';
import type { CellCredentials } from './cell-credentials.js';
import { type Connection, withConnection } from './connect.js';
import { installContextKey } from './context-key.js';
import { APP_LIMITS, KEEPER_LIMITS, SUPERUSER_LIMITS } from './login-limits.js';
import { isManaged } from './managed.js';
import { isVerifierOf, scramVerifier } from './scram.js';

/**
 * How long the application's sessions may wait for a lock, or sit in an open transaction; and how they are told times,
 * whatever the server's own settings: Prisma's adapter takes every offset for UTC. In the order of their names' bytes.
 */
const APP_SETTINGS = [
  'DateStyle=ISO',
  'IntervalStyle=postgres',
  'TimeZone=UTC',
  `idle_in_transaction_session_timeout=${APP_LIMITS.idleInTransactionSessionTimeout}`,
  'lock_timeout=5s',
];

const KEEPER_SETTINGS = [
  `idle_in_transaction_session_timeout=${KEEPER_LIMITS.idleInTransactionSessionTimeout}`,
  `statement_timeout=${KEEPER_LIMITS.statementTimeout}`,
];

/**
 * Records what the logins of applications have to be (migration 0010) and makes them so.
 * @returns what was otherwise, in words; not the passwords of a managed cell, which nobody can read and which are always set.
 */
export const setApplicationLogins = async (
  client: pg.ClientBase,
  { appPassword, keeperPassword }: Pick<CellCredentials, 'appPassword' | 'keeperPassword'>,
): Promise<string[]> => {
  const managed = await isManaged(client);
  const more = managed ? [] : SUPERUSER_LIMITS;
  await record(client, 'ringfence_app', appPassword, [...APP_SETTINGS, ...more]);
  await record(client, 'ringfence_keeper', keeperPassword, KEEPER_SETTINGS);
  const { rows } = await client.query<{ mended: string[] }>(
    'SELECT ringfence_private.keep_logins() AS mended',
  );
  const mended = rows[0]?.mended ?? [];
  return managed ? mended.filter((each) => !each.startsWith('password of ')) : mended;
};

const record = async (
  client: pg.ClientBase,
  login: string,
  password: string,
  settings: readonly string[],
): Promise<void> => {
  const known = await client.query<{ verifier: string }>(
    'SELECT verifier FROM ringfence_private.application_logins WHERE login = $1',
    [login],
  );
  // The same password would have another verifier each time, and another one is a difference.
  const kept = known.rows.find(({ verifier }) => isVerifierOf(password, verifier))?.verifier;
  await client.query(
    `INSERT INTO ringfence_private.application_logins (login, verifier, settings) VALUES ($1, $2, $3)
     ON CONFLICT (login) DO UPDATE SET verifier = excluded.verifier, settings = excluded.settings`,
    [login, kept ?? scramVerifier(password), settings],
  );
};

/**
 * The cell's database as the application sees it. Its login and its context key are put back first: a statement of a tenant
 * may have changed the one, and a copy of the cell at an earlier moment may lack both. Sessions that lock a whole table are
 * ended. So no tenant keeps the others from being backed up or proved.
 * @throws RingfenceError as refuseOlderContextKey; nothing was changed then.
 */
export const asApplication = async (admin: Connection, credentials: CellCredentials): Promise<Connection> => {
  await withConnection(admin, async (client) => {
    // First: one of them may hold a change of the login back.
    await client.query('SELECT ringfence_private.end_table_locks()');
    await installContextKey(client, credentials.contextKey);
    await setApplicationLogins(client, credentials);
  });
  const { options: _, ...place } = admin;
  return { ...place, user: 'ringfence_app', password: credentials.appPassword };
};
