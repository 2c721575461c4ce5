import type pg from 'pg';
import { translateDatabaseError } from '../data-plane/database/errors.js';

/**
 * Runs `work` while no other process works on `name`. The lock is a session's advisory lock in the control
 * database: the server gives it back when the holder dies, so a crash leaves nothing behind.
 * @param onBusy makes the error for a caller that does not wait; without it, the caller waits.
 */
export const withLock = async <T>(
  control: pg.Pool,
  name: string,
  work: () => Promise<T>,
  onBusy?: () => Error,
): Promise<T> => {
  const client = await control.connect().catch((error: unknown) => {
    throw translateDatabaseError(error);
  });
  let broken = false;
  try {
    if (onBusy) {
      const got = await client.query<{ ok: boolean }>(
        'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS ok',
        [name],
      );
      if (!got.rows[0]?.ok) throw onBusy();
    } else {
      await client.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [name]);
    }
    try {
      return await work();
    } finally {
      await client.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', [name]).catch(() => {
        broken = true;
      });
    }
  } finally {
    client.release(broken);
  }
};
