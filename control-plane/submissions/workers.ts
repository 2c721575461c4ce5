import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import { z } from 'zod';
import { VERSION } from '../../core/version.js';
import { connectAlone } from '../project/own-session.js';
import { readRows } from '../project/read-rows.js';

const AGAIN_AFTER_MS = 1_000;

/**
 * Records this process as a worker that is at work, until `signal`. It holds the lock of its id for as long: the server gives
 * that back when the process dies, or its machine does not answer for half a minute. A session that breaks is begun anew.
 *
 * @returns once others see it; `ended` resolves after `signal`.
 */
export const beAtWork = async (
  control: pg.Pool,
  id: string,
  signal: AbortSignal,
): Promise<{ readonly ended: Promise<void> }> => {
  await control.query('INSERT INTO control.workers (id, host, process_id, version) VALUES ($1, $2, $3, $4)', [
    id,
    hostname(),
    process.pid,
    VERSION,
  ]);
  let session = await takeLock(control, id);
  const stay = async (): Promise<void> => {
    while (!signal.aborted) {
      await brokenOrAborted(session, signal);
      await session.end().catch(() => undefined);
      while (!signal.aborted) {
        try {
          session = await takeLock(control, id);
          break;
        } catch {
          await pause(AGAIN_AFTER_MS);
        }
      }
    }
    await session.end().catch(() => undefined);
  };
  return { ended: stay() };
};

const takeLock = async (control: pg.Pool, id: string): Promise<pg.Client> => {
  const client = await connectAlone(control, 'ringfence worker');
  try {
    await client.query(
      'SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 4',
    );
    await client.query('SELECT pg_advisory_lock(control.worker_lock($1))', [id]);
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
};

const brokenOrAborted = (session: pg.Client, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = () => resolve();
    session.once('end', done);
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted) done();
  });

const workerSchema = z.object({ host: z.string(), version: z.string() });

/** A worker that is at work. */
export type WorkerAtWork = Readonly<z.infer<typeof workerSchema>>;

export const listAtWork = async (control: pg.Pool): Promise<WorkerAtWork[]> => {
  const { rows } = await control.query(
    'SELECT host, version FROM control.workers WHERE control.is_at_work(id) ORDER BY began_at',
  );
  return readRows(workerSchema, 'control.workers', rows);
};
