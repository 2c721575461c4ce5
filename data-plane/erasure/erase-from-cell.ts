import pg from 'pg';
import { dropSchemaCopies } from '../backup/tenant/restore/to-schema.js';
import { type Connection, inTransaction, withConnection } from '../database/connect.js';
import { readPlaces } from '../database/places.js';
import { endClinicSessions, endLoginSessions } from '../enrolment/end-sessions.js';
import { dropTenantLogin } from '../enrolment/tenant-login.js';
import { endStreamsFrom } from '../moves/streams-from.js';

/** Whom to erase. The clinics are named too, because the cell may not know any more whose they were. */
export interface ErasureSubject {
  readonly tenantId: string;
  readonly clinicIds: readonly string[];
  /** The name that its own login has, or would have. */
  readonly loginRole: string;
}

/** Ends every session of the tenant's own login, lets none in again, and ends what is still in its clinics. Idempotent. */
export const endSessions = async (
  admin: Connection,
  { loginRole: role, clinicIds }: ErasureSubject,
): Promise<void> =>
  withConnection(admin, async (client) => {
    const known = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);
    if (known.rowCount !== 0) {
      await client.query(`ALTER ROLE ${pg.escapeIdentifier(role)} NOLOGIN`);
      await endLoginSessions(client, role);
    }
    await endClinicSessions(client, clinicIds);
  });

/**
 * Removes whatever of the tenant is in the cell: rows in every table that names it, protected or not, and copies of its
 * rows, in one transaction; then its login, with what that left in any database of the server. Idempotent.
 */
export const eraseFromCell = async (admin: Connection, subject: ErasureSubject): Promise<void> => {
  await withConnection(admin, async (client) => {
    await endStreamsFrom(client, subject.tenantId);
    await inTransaction(client, () => eraseRows(client, subject));
  });
  await dropTenantLogin(admin, subject.loginRole);
};

const eraseRows = async (client: pg.Client, { tenantId, clinicIds }: ErasureSubject): Promise<void> => {
  await dropSchemaCopies(client, tenantId);
  // No trigger writes new events; what keeps the doors fires in any case.
  await client.query('SET LOCAL session_replication_role = replica');
  // The clinics first: that waits for transactions that still write for them, and lets no new one begin.
  const places = await readPlaces(client);
  const isRoot = ({ table }: (typeof places)[number]) => table === 'ringfence.clinics';
  for (const { table, column } of [...places.filter(isRoot), ...places.filter((one) => !isRoot(one))])
    await client.query(`DELETE FROM ${table} WHERE ${column} = ANY ($1::uuid[])`, [[tenantId, ...clinicIds]]);
};
