import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import { RingfenceError } from '../../../core/errors.js';
import { ARCHIVED, archiveDir } from '../../database/server/archiving.js';
import { isSegmentName, segmentNumber } from '../../database/server/wal-segments.js';

const WAIT_MS = 120_000;
const LOOK_EACH_MS = 20;
/** Looking at the archiver is a statement, so it is done at every such look at the folder. */
const ASK_EACH_LOOKS = 25;

/** @throws RingfenceError config_invalid where the server does not archive its WAL. */
export const assertArchiving = async (client: pg.ClientBase): Promise<void> => {
  const { rows } = await client.query<{ mode: string }>(`SELECT current_setting('archive_mode') AS mode`);
  if (rows[0]?.mode !== 'off') return;
  throw new RingfenceError('config_invalid', 'the cell does not archive its WAL', {
    fix: 'run `ringfence cells up <cell>`, which starts its server once more with archiving',
  });
};

/**
 * Commits a transaction without rows and waits until all WAL up to it is in the archive, so that a recovery to any time
 * before finds a commit that is later.
 *
 * @throws RingfenceError as `assertArchiving`; object_store_unavailable when archiving fails or takes too long.
 */
export const archiveUntilNow = async (client: pg.ClientBase, dataDir: string): Promise<void> => {
  await assertArchiving(client);
  const failuresBefore = await failures(client);
  await client.query('SELECT pg_current_xact_id()');
  const switched = await client.query<{ segment: string }>(
    'SELECT pg_walfile_name(pg_switch_wal()) AS segment',
  );
  const segment = switched.rows[0]?.segment ?? '';
  const place = join(archiveDir(dataDir), `${segment}${ARCHIVED}`);
  for (let look = 1; !existsSync(place); look++) {
    if (look * LOOK_EACH_MS > WAIT_MS) throw archivingFails(dataDir);
    await pause(LOOK_EACH_MS);
    if (look % ASK_EACH_LOOKS === 0 && (await failures(client)) > failuresBefore)
      throw archivingFails(dataDir);
  }
};

/**
 * Removes segments, and the notes of base backups among them, that come before all that `bases` need; after a recovery to an
 * earlier time a later one may need earlier segments. @returns how many segments.
 */
export const removeSegmentsBefore = (
  dataDir: string,
  bases: readonly { readonly startSegment: string; readonly segmentBytes: number }[],
): number => {
  const folder = archiveDir(dataDir);
  const [{ segmentBytes } = { segmentBytes: 0 }] = bases;
  const before = Math.min(...bases.map((base) => segmentNumber(base.startSegment, base.segmentBytes)));
  let removed = 0;
  for (const file of bases.length > 0 && existsSync(folder) ? readdirSync(folder) : []) {
    const name = file.slice(0, 24);
    if (!isSegmentName(name) || segmentNumber(name, segmentBytes) >= before) continue;
    rmSync(join(folder, file), { force: true });
    if (file === `${name}${ARCHIVED}`) removed++;
  }
  return removed;
};

const failures = async (client: pg.ClientBase): Promise<number> =>
  (await client.query<{ count: number }>('SELECT failed_count::float8 AS count FROM pg_stat_archiver'))
    .rows[0]?.count ?? 0;

const archivingFails = (dataDir: string): RingfenceError =>
  new RingfenceError('object_store_unavailable', 'the server cannot archive its WAL', {
    fix: `see why in ${join(dataDir, 'postgres.log')}: a full disk, or a folder ${archiveDir(dataDir)} that it may not write`,
  });
