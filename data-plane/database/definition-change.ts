import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { RingfenceError } from '../../core/errors.js';
import { inTransaction } from './connect.js';
import { isManaged } from './managed.js';

const LOCK_TIMEOUT_MS = 2_000;

const ATTEMPTS = 5;

/** lock_not_available, deadlock_detected. */
const LOCKED = new Set(['55P03', '40P01']);

/** A lock that somebody else has kept a statement from its work. */
export const isLocked = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && LOCKED.has(error.code ?? '');

/**
 * Runs `work`, which changes definitions, in one transaction. A transaction of an application that is open on a table stops
 * such a change, and the change then stops everybody who comes after it: so it waits two seconds at most, then sessions of
 * applications and tenants that have been idle in a transaction that long are ended, from the third time on all whose
 * transaction is that old, and `work` is tried again.
 * In a managed cell nobody may end a session of another login, so none is.
 * @param client of the database's owner.
 * @param work is told whether this is the last try.
 * @throws RingfenceError `timeout` when sessions still hold it up after five tries; nothing was changed.
 */
export const inDefinitionChange = async <T>(
  client: pg.Client,
  work: (isLastTry: boolean) => Promise<T>,
): Promise<T> => {
  const managed = await isManaged(client);
  for (let attempt = 1; ; attempt++) {
    await client.query('SELECT ringfence_private.end_table_locks()');
    try {
      return await inTransaction(client, async () => {
        await client.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
        return work(attempt === ATTEMPTS);
      });
    } catch (error) {
      if (!isLocked(error)) throw error;
      if (attempt === ATTEMPTS)
        throw new RingfenceError('timeout', 'open transactions in the cell hold the change up', {
          fix: 'nothing was changed: run it again when they have ended, or stop the application for a minute',
          cause: error,
        });
    }
    if (!managed) await client.query(END_HOLDERS, [LOCK_TIMEOUT_MS, attempt === 1]);
    await pause(100 * attempt);
  }
};

const END_HOLDERS = `
  SELECT pg_terminate_backend(a.pid, 2000) FROM ringfence_private.tenant_sessions a
   WHERE a.datname = current_database() AND a.xact_start < clock_timestamp() - make_interval(secs => $1 / 1000.0)
     AND (NOT $2::boolean OR a.state LIKE 'idle in transaction%')`;
