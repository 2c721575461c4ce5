import type pg from 'pg';
import type { StreamNames } from './stream-names.js';

/**
 * Subscribes to a slot that is there. Rows that were themselves brought by a stream do not come back (`origin = none`).
 * @param conninfo of libpq; no password stands in it.
 */
export const subscribe = async (
  client: pg.Client,
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
  await client.query(
    `CREATE SUBSCRIPTION ${client.escapeIdentifier(subscription)} CONNECTION ${client.escapeLiteral(conninfo)}
       PUBLICATION ${client.escapeIdentifier(publication)} WITH (${options.join(', ')})`,
  );
};

/** Postgres 16 and newer apply as the table's owner otherwise. */
const hasRunAsOwner = async (client: pg.Client): Promise<boolean> => {
  const { rows } = await client.query<{ has: boolean }>(
    `SELECT current_setting('server_version_num')::int >= 160000 AS has`,
  );
  return rows[0]?.has === true;
};

export const enableSubscription = async (client: pg.Client, name: string): Promise<void> => {
  await client.query(`ALTER SUBSCRIPTION ${client.escapeIdentifier(name)} ENABLE`);
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

/** Drops the subscriptions whose names fit; their slots stay, at the other server. @param pattern for LIKE. Idempotent. */
export const unsubscribe = async (client: pg.Client, pattern: string): Promise<void> => {
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
};

/** @param pattern for LIKE. @returns names, and the number of changes that could not be applied. */
export const readSubscriptions = async (
  client: Pick<pg.ClientBase, 'query'>,
  pattern: string,
): Promise<{ readonly name: string; readonly enabled: boolean; readonly errors: number }[]> => {
  const { rows } = await client.query<{ name: string; enabled: boolean; errors: number }>(
    `SELECT s.subname AS name, s.subenabled AS enabled, coalesce(t.apply_error_count, 0)::float8 AS errors
       FROM pg_subscription s LEFT JOIN pg_stat_subscription_stats t ON t.subid = s.oid
      WHERE s.subname LIKE $1 AND s.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    [pattern],
  );
  return rows;
};
