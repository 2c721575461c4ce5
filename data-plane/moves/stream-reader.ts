import pg from 'pg';
import { isManaged } from '../database/managed.js';
import { changingRights } from '../database/rights-lock.js';
import { scramVerifier } from '../database/scram.js';

/** The login by which another server reads a stream. */
export interface StreamReader {
  readonly user: string;
  readonly password: string;
  /** The role whose members may stream, where the provider keeps the attribute REPLICATION to itself; null elsewhere. */
  readonly group: string | null;
}

/**
 * Makes the login by which the other server reads the stream. It may read every slot of this server, so only that server gets its
 * password, and it goes with the move. Idempotent.
 */
export const putStreamReader = (client: pg.ClientBase, reader: StreamReader): Promise<void> =>
  changingRights(client, () => put(client, reader));

const put = async (client: pg.ClientBase, { user, password, group }: StreamReader): Promise<void> => {
  const role = pg.escapeIdentifier(user);
  const known = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [user]);
  if (known.rowCount === 0) await client.query(`CREATE ROLE ${role}`);
  const attribute = group === null ? 'REPLICATION' : '';
  await client.query(
    `ALTER ROLE ${role} LOGIN ${attribute} CONNECTION LIMIT 4 PASSWORD ${pg.escapeLiteral(scramVerifier(password))}`,
  );
  if (group !== null) await client.query(`GRANT ${pg.escapeIdentifier(group)} TO ${role}`);
  await client.query(`GRANT CONNECT ON DATABASE ${await databaseOf(client)} TO ${role}`);
  // A managed cell withholds it from nobody.
  if (await isManaged(client)) return;
  // What a subscriber asks before it streams; cells withhold it from everybody (migration 0000).
  await client.query(
    `GRANT EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean), pg_catalog.pg_get_publication_tables TO ${role}`,
  );
  await client.query(`GRANT SELECT ON pg_catalog.pg_publication TO ${role}`);
};

/** Idempotent. */
export const dropStreamReader = async (client: pg.ClientBase, name: string): Promise<void> => {
  const known = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [name]);
  if (known.rowCount === 0) return;
  const role = pg.escapeIdentifier(name);
  await client.query('SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = $1', [
    name,
  ]);
  await changingRights(client, async () => {
    // Who is no superuser drops what is owned by roles of which it is a member only.
    if (await isManaged(client))
      await client.query(`REVOKE ALL ON DATABASE ${await databaseOf(client)} FROM ${role}`);
    else await client.query(`DROP OWNED BY ${role}`);
    await client.query(`DROP ROLE ${role}`);
  });
};

/** As SQL. */
const databaseOf = async (client: pg.ClientBase): Promise<string> => {
  const { rows } = await client.query<{ name: string }>('SELECT quote_ident(current_database()) AS name');
  return rows[0]?.name ?? '';
};
