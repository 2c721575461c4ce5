import type pg from 'pg';
import { inTransaction } from '../database/connect.js';
import { type MoveRun, requireMove } from './move-run.js';
import type { StreamNames } from './stream-names.js';

/** The setting of a transaction that holds the way to the publisher: parameters of a statement are in no log, and in no list of sessions. */
const WAY = 'ringfence.stream';

/**
 * Runs a statement about a subscription. `%1$L` in it is the way to the publisher, which may hold a password: an error of it has the
 * message alone, not the statement.
 */
const runOnWay = async (client: pg.Client, conninfo: string, statement: string): Promise<void> => {
  await client.query('SELECT set_config($1, $2, true)', [WAY, conninfo]);
  await client.query(`DO $statement$ BEGIN
    EXECUTE format(${client.escapeLiteral(statement)}, current_setting('${WAY}'));
  EXCEPTION WHEN OTHERS THEN
    RAISE EXCEPTION '%', SQLERRM USING ERRCODE = SQLSTATE;
  END $statement$`);
};

const CONNECTION_FAILURE = '08006';
const INSUFFICIENT_PRIVILEGE = '42501';

/** As a part of a text that `format` takes. */
const verbatim = (sql: string): string => sql.replaceAll('%', '%%');

/**
 * Subscribes to a slot that is there. Rows that were themselves brought by a stream do not come back (`origin = none`).
 * @param conninfo of libpq.
 * @throws RingfenceError `move_superseded`: two streams of one move would bring older rows after newer ones.
 */
export const subscribe = async (
  client: pg.Client,
  run: MoveRun,
  { subscription, publication, slot }: StreamNames,
  { conninfo, enabled }: { readonly conninfo: string; readonly enabled: boolean },
): Promise<void> => {
  const options = [
    'create_slot = false',
    'copy_data = false',
    `enabled = ${enabled}`,
    `slot_name = ${client.escapeLiteral(slot)}`,
    'origin = none',
    ...((await appliesAsOwner(client)) ? ['run_as_owner = true'] : []),
  ];
  await inTransaction(client, async () => {
    await requireMove(client, run);
    await runOnWay(
      client,
      conninfo,
      `CREATE SUBSCRIPTION ${verbatim(client.escapeIdentifier(subscription))} CONNECTION %1$L
         PUBLICATION ${verbatim(client.escapeIdentifier(publication))} WITH (${verbatim(options.join(', '))})`,
    );
  });
};

/**
 * Whether a subscription writes as the superuser that made it: row-level security refuses the owners of the tables, to whom Postgres
 * 16 and newer leave it. In a managed cell it binds everybody but them.
 */
const appliesAsOwner = async (client: pg.Client): Promise<boolean> => {
  const { rows } = await client.query<{ has: boolean }>(
    `SELECT current_setting('server_version_num')::int >= 160000 AND NOT ringfence_private.is_managed() AS has`,
  );
  return rows[0]?.has === true;
};

/**
 * Has a server go to the publisher, log in and look for the publications, as a subscription does. Leaves nothing.
 * @param conninfo of libpq.
 * @returns why it could not, in the server's words; undefined where it could.
 */
export const tryWay = async (
  client: pg.Client,
  name: string,
  conninfo: string,
): Promise<string | undefined> => {
  const subscription = verbatim(client.escapeIdentifier(name));
  await client.query('BEGIN');
  try {
    await runOnWay(
      client,
      conninfo,
      `CREATE SUBSCRIPTION ${subscription} CONNECTION %1$L PUBLICATION ${subscription}
         WITH (slot_name = NONE, create_slot = false, copy_data = false, enabled = false)`,
    );
    return undefined;
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (code !== CONNECTION_FAILURE && code !== INSUFFICIENT_PRIVILEGE) throw error;
    return message.replace(/^subscription ".*" could not connect to the publisher: /, '');
  } finally {
    await client.query('ROLLBACK').catch(() => undefined);
  }
};

export const enableSubscription = (client: pg.Client, run: MoveRun, name: string): Promise<void> =>
  inTransaction(client, async () => {
    await requireMove(client, run);
    await client.query(`ALTER SUBSCRIPTION ${client.escapeIdentifier(name)} ENABLE`);
  });

export const isSubscribed = async (client: pg.ClientBase, name: string): Promise<boolean> => {
  const { rowCount } = await client.query(
    `SELECT FROM pg_subscription WHERE subname = $1
        AND subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    [name],
  );
  return rowCount === 1;
};

/** The publisher is reached in another way by now. Idempotent. */
export const reconnectSubscription = (client: pg.Client, name: string, conninfo: string): Promise<void> =>
  inTransaction(client, () =>
    runOnWay(
      client,
      conninfo,
      `ALTER SUBSCRIPTION ${verbatim(client.escapeIdentifier(name))} CONNECTION %1$L`,
    ),
  );

/**
 * Drops the subscriptions whose names fit; their slots stay, at the other server. Idempotent.
 * @param pattern for LIKE.
 * @param run undefined where the cell has nothing of the tenant any more.
 * @throws RingfenceError `move_superseded`.
 */
export const unsubscribe = (client: pg.Client, run: MoveRun | undefined, pattern: string): Promise<void> =>
  inTransaction(client, async () => {
    if (run) await requireMove(client, run);
    const { rows } = await client.query<{ name: string }>(
      `SELECT subname AS name FROM pg_subscription WHERE subname LIKE $1
          AND subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      [pattern],
    );
    for (const { name } of rows) {
      const subscription = client.escapeIdentifier(name);
      await client.query(`ALTER SUBSCRIPTION ${subscription} DISABLE`);
      await client.query(`ALTER SUBSCRIPTION ${subscription} SET (slot_name = NONE)`);
      await client.query(`DROP SUBSCRIPTION ${subscription}`);
    }
  });
