import type pg from 'pg';
import { RingfenceError } from '../../core/errors.js';
import { isManaged } from '../database/managed.js';

/**
 * Makes a server ready for one stream more, from it or into it.
 * @throws RingfenceError `conflict` for one that takes none, naming the setting.
 */
export const readyForStreams = async (client: pg.ClientBase, cell: string): Promise<void> => {
  await requireLogicalWal(client, cell);
  await limitSlots(client, cell);
  await requireRoom(client, cell);
};

/** The WAL that a slot may keep before Postgres gives it up: a slot that nobody reads would fill the disk of its server. */
const SLOT_WAL_MAX = '4GB';

/**
 * Limits what slots of the server may keep, unless its administrator has set a limit.
 * @throws RingfenceError `conflict` where its provider alone sets that, and has not.
 */
const limitSlots = async (client: pg.ClientBase, cell: string): Promise<void> => {
  const { rows } = await client.query<{ limit: string }>(
    `SELECT setting AS limit FROM pg_settings WHERE name = 'max_slot_wal_keep_size'`,
  );
  if (rows[0]?.limit !== '-1') return;
  if (await isManaged(client))
    throw new RingfenceError(
      'conflict',
      `cell ${cell} has no max_slot_wal_keep_size: a stream that nobody reads would fill its disk`,
      { fix: 'set it in the parameter group of its server, to 4096 MB for example' },
    );
  await client.query(`ALTER SYSTEM SET max_slot_wal_keep_size = '${SLOT_WAL_MAX}'`);
  await client.query('SELECT pg_reload_conf()');
};

/** @throws RingfenceError `conflict` where a server writes no WAL that can be streamed. */
const requireLogicalWal = async (client: pg.ClientBase, cell: string): Promise<void> => {
  const { rows } = await client.query<{ level: string }>(`SELECT current_setting('wal_level') AS level`);
  if (rows[0]?.level === 'logical') return;
  throw new RingfenceError('conflict', `cell ${cell} streams no rows: its wal_level is ${rows[0]?.level}`, {
    fix: 'set wal_level = logical, on Amazon RDS rds.logical_replication = 1 in the parameter group, and restart the server',
  });
};

/**
 * Refuses a stream more than a server takes: Postgres would let it wait for ever.
 * @throws RingfenceError `conflict`, naming the setting.
 */
const requireRoom = async (client: pg.ClientBase, cell: string): Promise<void> => {
  const { rows } = await client.query<{ setting: string; used: number; most: number }>(
    `SELECT setting, used, most FROM (VALUES
       ('max_logical_replication_workers', (SELECT count(*)::int FROM pg_subscription), current_setting('max_logical_replication_workers')::int),
       ('max_replication_slots', (SELECT count(*)::int FROM pg_replication_slots), current_setting('max_replication_slots')::int),
       ('max_wal_senders', (SELECT count(*)::int FROM pg_stat_replication), current_setting('max_wal_senders')::int)) room (setting, used, most)
      WHERE used >= most`,
  );
  const [full] = rows;
  if (!full) return;
  throw new RingfenceError(
    'conflict',
    `cell ${cell} takes no stream more: ${full.used} of ${full.setting} = ${full.most} are in use`,
    {
      fix: 'end windows of tenants that have moved (`ringfence placements withdraw`), or raise the setting and restart the server',
    },
  );
};
