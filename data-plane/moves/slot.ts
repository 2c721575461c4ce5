import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import { RingfenceError } from '../../core/errors.js';
import { Client } from '../database/client.js';
import { type Connection, inTransaction, withConnection } from '../database/connect.js';
import { translateDatabaseError } from '../database/errors.js';
import { type MoveRun, requireMove } from './move-run.js';
import { describeSlotBlockers } from './slot-blockers.js';

/** A new slot of logical replication, and the state of the database from which on it streams. */
export interface NewSlot {
  /** Name of an exported snapshot, for as long as `close` is not called. */
  readonly snapshot: string;
  close(): Promise<void>;
}

/**
 * Makes a slot. Postgres waits for every transaction that is under way, of neighbours too.
 * @throws RingfenceError `timeout` after `waitMs`, naming what it waited for; there is no slot then.
 */
export const createSlot = async (
  admin: Connection,
  name: string,
  { waitMs }: { readonly waitMs: number },
): Promise<NewSlot> => {
  const client = new Client({ ...admin, replication: 'database', keepAlive: true });
  client.on('error', () => undefined);
  await client.connect().catch((error: unknown) => {
    throw translateDatabaseError(error);
  });
  const close = (): Promise<void> => client.end().catch(() => undefined);
  const pid = (client as unknown as { processID: number }).processID;
  const cancelled = cancelAfter(admin, pid, waitMs);
  try {
    // Simple protocol: a walsender knows no other for its own commands.
    const { rows } = await client.query<{ snapshot_name: string }>(
      `CREATE_REPLICATION_SLOT ${client.escapeIdentifier(name)} LOGICAL pgoutput (SNAPSHOT 'export')`,
    );
    return { snapshot: rows[0]?.snapshot_name ?? '', close };
  } catch (error) {
    await close();
    if ((error as { code?: unknown }).code !== CANCELLED) throw translateDatabaseError(error);
    const blockers = await withConnection(admin, describeSlotBlockers);
    throw new RingfenceError('timeout', `no stream could begin within ${waitMs} ms: ${blockers}`, {
      fix: 'wait until these transactions have ended, or end them, and run the command again',
      cause: error,
    });
  } finally {
    cancelled.stop();
  }
};

/** query_canceled */
const CANCELLED = '57014';

const CANCEL_AGAIN_MS = 1_000;

/** Cancels until it is stopped: a server that has no connection left for it now has one later. */
const cancelAfter = (admin: Connection, pid: number, waitMs: number): { stop(): void } => {
  const again = async (): Promise<void> => {
    await cancel(admin, pid);
    if (!isStopped) timer = setTimeout(again, CANCEL_AGAIN_MS);
  };
  let isStopped = false;
  let timer = setTimeout(again, waitMs);
  return {
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
    },
  };
};

const cancel = (admin: Connection, pid: number): Promise<void> =>
  withConnection(admin, async (client) => {
    await client.query('SELECT pg_cancel_backend($1)', [pid]);
  }).catch(() => undefined);

/**
 * Drops the slots whose names fit, and ends who reads them; a reader may come again in between. Idempotent.
 * @param pattern for LIKE.
 * @param run undefined where the cell has nothing of the tenant any more.
 * @throws RingfenceError `move_superseded`.
 */
export const dropSlots = async (
  client: pg.Client,
  run: MoveRun | undefined,
  pattern: string,
): Promise<void> => {
  for (let tries = 1; ; tries++)
    try {
      return await dropOnce(client, run, pattern);
    } catch (error) {
      if ((error as { code?: unknown }).code !== IN_USE || tries === DROP_TRIES) throw error;
      await pause(DROP_RETRY_MS);
    }
};

const IN_USE = '55006';
const DROP_TRIES = 20;
const DROP_RETRY_MS = 200;

const dropOnce = (client: pg.Client, run: MoveRun | undefined, pattern: string): Promise<void> =>
  inTransaction(client, async () => {
    if (run) await requireMove(client, run);
    await client.query(
      `SELECT pg_terminate_backend(active_pid, 5000) FROM pg_replication_slots WHERE slot_name LIKE $1 AND active_pid IS NOT NULL`,
      [pattern],
    );
    await client.query(
      `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
        WHERE slot_name LIKE $1 AND database = current_database()`,
      [pattern],
    );
  });

/** How much WAL a slot keeps, and whether it still has what its reader needs. */
export interface SlotState {
  readonly name: string;
  readonly active: boolean;
  /** `reserved`, `extended`, `unreserved`, `lost` (pg_replication_slots). */
  readonly walStatus: string | null;
  readonly keptBytes: number | null;
  /** How much more may be written until it is lost; null where nothing limits it. */
  readonly safeBytes: number | null;
}

/** @param pattern for LIKE. */
export const readSlots = async (
  client: Pick<pg.ClientBase, 'query'>,
  pattern: string,
): Promise<SlotState[]> => {
  const { rows } = await client.query<SlotState>(
    `SELECT slot_name AS name, active, wal_status AS "walStatus", safe_wal_size::float8 AS "safeBytes",
            pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::float8 AS "keptBytes"
       FROM pg_replication_slots WHERE slot_name LIKE $1 ORDER BY slot_name`,
    [pattern],
  );
  return rows;
};
