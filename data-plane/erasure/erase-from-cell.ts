import pg from 'pg';
import { dropSchemaCopies } from '../backup/tenant/restore/to-schema.js';
import { inTransaction } from '../database/connect.js';
import { readPlaces } from '../database/places.js';

/** Whom to erase. The clinics are named too, because the cell may not know any more whose they were. */
export interface ErasureSubject {
  readonly tenantId: string;
  readonly clinicIds: readonly string[];
  /** Its own login in the cell. */
  readonly loginRole: string;
}

const ENDED_WITHIN_MS = 5_000;

/** Ends every session of the tenant's own login and lets none in again. Idempotent. */
export const endSessions = async (
  client: pg.ClientBase,
  { loginRole: role }: ErasureSubject,
): Promise<void> => {
  const known = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);
  if (known.rowCount === 0) return;
  await client.query(`ALTER ROLE ${pg.escapeIdentifier(role)} NOLOGIN`);
  await client.query('SELECT pg_terminate_backend(pid, $2) FROM pg_stat_activity WHERE usename = $1', [
    role,
    ENDED_WITHIN_MS,
  ]);
};

/**
 * Removes whatever of the tenant is in the cell: rows in every table that names it, protected or not, copies of its
 * rows, its login. One transaction; idempotent.
 */
export const eraseFromCell = (client: pg.Client, subject: ErasureSubject): Promise<void> =>
  inTransaction(client, async () => {
    const { tenantId, clinicIds, loginRole: role } = subject;
    await dropSchemaCopies(client, tenantId);
    // No trigger writes new events; what keeps the doors fires in any case.
    await client.query('SET LOCAL session_replication_role = replica');
    // The clinics first: that waits for transactions that still write for them, and lets no new one begin.
    const places = await readPlaces(client);
    const isRoot = ({ table }: (typeof places)[number]) => table === 'ringfence.clinics';
    for (const { table, column } of [...places.filter(isRoot), ...places.filter((one) => !isRoot(one))])
      await client.query(`DELETE FROM ${table} WHERE ${column} = ANY ($1::uuid[])`, [
        [tenantId, ...clinicIds],
      ]);
    const known = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);
    if (known.rowCount === 0) return;
    const name = pg.escapeIdentifier(role);
    await client.query(`DROP OWNED BY ${name}`);
    await client.query(`DROP ROLE ${name}`);
  });
