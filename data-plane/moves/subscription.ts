import type pg from 'pg';
import { inTransaction } from '../database/connect.js';
import { type MoveRun, requireMove } from './move-run.js';
import type { StreamNames } from './stream-names.js';

/**
 * Subscribes to a slot that is there. Rows that were themselves brought by a stream do not come back (`origin = none`).
 * @param conninfo of libpq; no password stands in it.
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
    // As a superuser: row-level security would refuse whoever owns the tables.
    ...((await hasRunAsOwner(client)) ? ['run_as_owner = true'] : []),
  ];
  await inTransaction(client, async () => {
    await requireMove(client, run);
    await client.query(
      `CREATE SUBSCRIPTION ${client.escapeIdentifier(subscription)} CONNECTION ${client.escapeLiteral(conninfo)}
         PUBLICATION ${client.escapeIdentifier(publication)} WITH (${options.join(', ')})`,
    );
  });
};

/** Postgres 16 and newer apply as the table's owner otherwise. */
const hasRunAsOwner = async (client: pg.Client): Promise<boolean> => {
  const { rows } = await client.query<{ has: boolean }>(
    `SELECT current_setting('server_version_num')::int >= 160000 AS has`,
  );
  return rows[0]?.has === true;
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
export const reconnectSubscription = async (
  client: pg.Client,
  name: string,
  conninfo: string,
): Promise<void> => {
  await client.query(
    `ALTER SUBSCRIPTION ${client.escapeIdentifier(name)} CONNECTION ${client.escapeLiteral(conninfo)}`,
  );
};

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
