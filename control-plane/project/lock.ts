import { hostname } from 'node:os';
import type pg from 'pg';
import { z } from 'zod';
import { connectAlone } from './own-session.js';
import { readRows } from './read-rows.js';

/**
 * Runs `work` while no other process works on `name`. The lock is a session's advisory lock in the control
 * database: the server gives it back when the holder dies, so a crash leaves nothing behind.
 * @param onBusy makes the error for a caller that does not wait, and is told who holds it; without it, the caller waits.
 */
export const withLock = <T>(
  control: pg.Pool,
  name: string,
  work: () => Promise<T>,
  onBusy?: (name: string, holder: string) => Error,
): Promise<T> => withLocks(control, [name], work, onBusy);

/** `withLock` of several at once, by one session. @param onBusy gets the first name that is taken. */
export const withLocks = async <T>(
  control: pg.Pool,
  names: readonly string[],
  work: () => Promise<T>,
  onBusy?: (name: string, holder: string) => Error,
): Promise<T> => {
  const client = await connectAlone(control, OWN_NAME);
  try {
    for (const name of names) await take(client, name, onBusy);
    return await work();
  } finally {
    // The end of the session gives the lock back.
    await client.end().catch(() => undefined);
  }
};

const take = async (
  client: pg.Client,
  name: string,
  onBusy?: (name: string, holder: string) => Error,
): Promise<void> => {
  if (!onBusy) {
    await client.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [name]);
    return;
  }
  const { rows } = await client.query('SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS got', [name]);
  if (readRows(z.object({ got: z.boolean() }), 'pg_try_advisory_lock()', rows)[0]?.got) return;
  throw onBusy(name, await holderOf(client, name));
};

/** Sessions that hold locks have the name of their process, so that whoever waits knows which one may hang. */
const OWN_NAME = `ringfence process ${process.pid} on ${hostname()}`;

/** The process that holds a lock, and since when, in words. */
const holderOf = async (client: pg.Client, name: string): Promise<string> => {
  const { rows } = await client.query(
    `SELECT format('%s since %s', substr(a.application_name, 11), to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')) AS holder
       FROM pg_locks l JOIN pg_stat_activity a USING (pid)
      WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted AND a.application_name LIKE 'ringfence process %'
        AND (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended($1, 0)`,
    [name],
  );
  return (
    readRows(z.object({ holder: z.string() }), 'pg_locks', rows)[0]?.holder ?? 'its process has ended by now'
  );
};
