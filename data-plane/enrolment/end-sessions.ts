import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import { RingfenceError } from '../../core/errors.js';
import { isManaged } from '../database/managed.js';

/** The time for which a transaction may go on after its clinic, or its user's access, has ended. */
const END_WITHIN_MS = 5_000;

const LOOK_EVERY_MS = 250;

/** As long as enter() takes a transaction whose snapshot may be from before the access ended (migration 0003), and a look more. */
const SNAPSHOT_MS = 2_000 + LOOK_EVERY_MS;

/**
 * Ends what is still in these clinics: waits for transactions to end by themselves, at most `graceMs`, and then ends their
 * sessions; those of one user where `userId` names one. Call it when the access has ended and that is committed. enter() has each transaction hold a lock named by
 * clinic and user, so that no other tenant's session is ended. Where nobody is a superuser, sessions of the application
 * whose transaction is older than `graceMs` are ended, whoever they work for.
 * @throws RingfenceError `timeout` when a session does not end: the machine does not let it run.
 */
export const endClinicSessions = async (
  client: pg.ClientBase,
  clinicIds: readonly string[],
  {
    graceMs = END_WITHIN_MS,
    userId = null,
  }: { readonly graceMs?: number; readonly userId?: string | null } = {},
): Promise<void> => {
  if (clinicIds.length === 0) return;
  if (await isManaged(client)) return endOldTransactions(client, graceMs);
  const since = await serverTime(client);
  const mayStillEnter = async (): Promise<boolean> =>
    (await client.query(`SELECT ${KEEPS_SNAPSHOT} LIMIT 1`, [since])).rowCount !== 0;
  for (let waitedMs = 0; waitedMs < graceMs; waitedMs += LOOK_EVERY_MS) {
    const inside = await client.query(`SELECT FROM ${INSIDE} LIMIT 1`, [clinicIds, userId]);
    if (inside.rowCount === 0 && (waitedMs > SNAPSHOT_MS || !(await mayStillEnter()))) return;
    await pause(LOOK_EVERY_MS);
  }
  await client.query(
    `SELECT pg_terminate_backend(pid, 5000) FROM (SELECT DISTINCT pid FROM ${INSIDE}) inside`,
    [clinicIds, userId],
  );
  const left = await client.query<{ pid: number }>(`SELECT DISTINCT pid FROM ${INSIDE}`, [clinicIds, userId]);
  if (left.rowCount === 0) return;
  throw new RingfenceError(
    'timeout',
    `the access has ended, and sessions that were in did not: processes ${left.rows.map(({ pid }) => pid).join(', ')}`,
    {
      fix: 'nobody enters any more; they end as soon as the machine lets them run: look why it does not, and run this again',
    },
  );
};

/** Sessions of tenants whose transaction began before the access ended and keeps its snapshot. */
const KEEPS_SNAPSHOT = `FROM ringfence_private.tenant_sessions
  WHERE datname = current_database() AND xact_start < $1 AND backend_xmin IS NOT NULL`;

const INSIDE = `(SELECT l.pid FROM pg_locks l
   JOIN pg_database d ON d.oid = l.database AND d.datname = current_database()
   JOIN unnest($1::uuid[]) AS clinic (id) ON l.classid = (uuid_hash(clinic.id)::bigint & 4294967295)::oid
  WHERE l.locktype = 'advisory' AND l.objsubid = 2 AND l.granted
    AND ($2::uuid IS NULL OR l.objid = (uuid_hash($2::uuid)::bigint & 4294967295)::oid)) AS holder`;

const serverTime = async (client: pg.ClientBase): Promise<Date | undefined> => {
  const { rows } = await client.query<{ now: Date }>('SELECT clock_timestamp() AS now');
  return rows[0]?.now;
};

const endOldTransactions = async (client: pg.ClientBase, graceMs: number): Promise<void> => {
  const since = await serverTime(client);
  await pause(graceMs);
  // As the application: a login may end its own sessions, and another one needs a right that not every provider gives.
  await client.query('SET ROLE ringfence_app');
  try {
    await client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE usename = 'ringfence_app' AND datname = current_database() AND xact_start < $1`,
      [since],
    );
  } finally {
    await client.query('RESET ROLE');
  }
};

/** Ends every session of a login at once. Idempotent. */
export const endLoginSessions = async (client: pg.ClientBase, login: string): Promise<void> => {
  await client.query('SELECT pg_terminate_backend(pid, $2) FROM pg_stat_activity WHERE usename = $1', [
    login,
    END_WITHIN_MS,
  ]);
};
