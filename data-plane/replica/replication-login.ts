import type pg from 'pg';
import { scramVerifier } from '../database/scram.js';

/** The login, the slot and the name of a replica on its primary. */
export const REPLICA = 'ringfence_replica';

/** The WAL that a replica which does not fetch it may keep on the primary's disk. Then it is made anew. */
const KEPT_WAL = '4GB';

/** A login that may replicate and nothing else: it may not enter the cell's database. Safe to run again. */
export const putReplicationLogin = async (client: pg.ClientBase, password: string): Promise<void> => {
  const found = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [REPLICA]);
  const verb = found.rowCount === 0 ? 'CREATE' : 'ALTER';
  const verifier = client.escapeLiteral(scramVerifier(password));
  await client.query(
    `${verb} ROLE ${REPLICA} LOGIN REPLICATION NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT NOBYPASSRLS
       CONNECTION LIMIT 4 PASSWORD ${verifier}`,
  );
};

/** Keeps WAL for a replica from now on, and no more than a disk bears. */
export const makeSlot = async (client: pg.ClientBase): Promise<void> => {
  await client.query(`ALTER SYSTEM SET max_slot_wal_keep_size = '${KEPT_WAL}'`);
  await client.query('SELECT pg_reload_conf()');
  await dropSlot(client);
  await client.query('SELECT pg_create_physical_replication_slot($1, true)', [REPLICA]);
};

export const dropSlot = async (client: pg.ClientBase): Promise<void> => {
  await client.query(
    'SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1',
    [REPLICA],
  );
};

export const dropReplicationLogin = async (client: pg.ClientBase): Promise<void> => {
  await client.query(`DROP ROLE IF EXISTS ${REPLICA}`);
};
