import pg from 'pg';
import { changingRights } from '../database/rights-lock.js';
import { scramVerifier } from '../database/scram.js';

/**
 * Makes the login by which the other server reads the stream. It may read every slot of this server, so only that server gets its
 * password, and it goes with the move. Idempotent.
 */
export const putStreamReader = (client: pg.ClientBase, name: string, password: string): Promise<void> =>
  changingRights(client, () => put(client, name, password));

const put = async (client: pg.ClientBase, name: string, password: string): Promise<void> => {
  const role = pg.escapeIdentifier(name);
  const known = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [name]);
  if (known.rowCount === 0) await client.query(`CREATE ROLE ${role}`);
  await client.query(
    `ALTER ROLE ${role} LOGIN REPLICATION CONNECTION LIMIT 4 PASSWORD ${pg.escapeLiteral(scramVerifier(password))}`,
  );
  await client.query(
    `DO $$ BEGIN EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), ${pg.escapeLiteral(name)}); END $$`,
  );
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
    await client.query(`DROP OWNED BY ${role}`);
    await client.query(`DROP ROLE ${role}`);
  });
};
