import type pg from 'pg';
import { z } from 'zod';
import { Client, type ClientConfig } from '../../data-plane/database/client.js';
import { translateDatabaseError } from '../../data-plane/database/errors.js';
import { readRows } from './read-rows.js';

/**
 * Runs `work` while no other process works on `name`. The lock is a session's advisory lock in the control
 * database: the server gives it back when the holder dies, so a crash leaves nothing behind.
 * @param onBusy makes the error for a caller that does not wait; without it, the caller waits.
 */
export const withLock = <T>(
  control: pg.Pool,
  name: string,
  work: () => Promise<T>,
  onBusy?: () => Error,
): Promise<T> => withLocks(control, [name], work, onBusy);

/** `withLock` of several at once, by one session. @param onBusy gets the first name that is taken. */
export const withLocks = async <T>(
  control: pg.Pool,
  names: readonly string[],
  work: () => Promise<T>,
  onBusy?: (name: string) => Error,
): Promise<T> => {
  // Uses a connection of its own: a run holds its locks to the end and must not starve its pool.
  const client = new Client(control.options as ClientConfig);
  client.on('error', () => undefined);
  try {
    await client.connect().catch((error: unknown) => {
      throw translateDatabaseError(error);
    });
    for (const name of names) await take(client, name, onBusy);
    return await work();
  } finally {
    // The end of the session gives the lock back.
    await client.end().catch(() => undefined);
  }
};

const take = async (client: pg.Client, name: string, onBusy?: (name: string) => Error): Promise<void> => {
  if (!onBusy) {
    await client.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [name]);
    return;
  }
  const { rows } = await client.query('SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS got', [name]);
  if (!readRows(z.object({ got: z.boolean() }), 'pg_try_advisory_lock()', rows)[0]?.got) throw onBusy(name);
};
