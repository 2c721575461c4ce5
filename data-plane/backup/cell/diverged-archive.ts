import { chownSync, copyFileSync, existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type pg from 'pg';
import { serverAccount } from '../../database/server/account.js';
import { claimArchive } from '../../database/server/archive-identity.js';
import { archiveDir } from '../../database/server/archiving.js';
import { readControlFile } from '../../database/server/control-file.js';
import { setAside } from '../../database/server/set-aside.js';
import { timelineName } from '../../database/server/wal-segments.js';
import { TIMELINES_FILE as TIMELINES } from './timelines.js';

/**
 * A data folder that was put back to an earlier state by hand writes WAL under names that the archive has already: nothing of it
 * would ever be archived, and what is there would be taken for it. Then archive and base backups are kept aside, and the server gets
 * an archive of its own. It is seen by the segment that is being written, which no archive of this server can have.
 *
 * @returns where the archive is kept; null where all is well.
 */
export const leaveDivergedArchive = async (
  client: pg.ClientBase,
  dataDir: string,
  now: Date,
): Promise<string | null> => {
  await client.query('SELECT pg_current_xact_id()');
  const { rows } = await client.query<{ segment: string }>(
    'SELECT pg_walfile_name(pg_current_wal_insert_lsn()) AS segment',
  );
  const segment = rows[0]?.segment ?? '';
  const archive = archiveDir(dataDir);
  if (!existsSync(join(archive, `${segment}.gz`))) return null;
  return leaveArchive(dataDir, segment.slice(0, 8), now)[0] ?? null;
};

/**
 * The same for a server that does not run, whose data is an earlier copy that its owner goes on from.
 * @returns where archive and base backups are kept.
 */
export const leaveNewerArchive = (dataDir: string, now: Date): string[] =>
  leaveArchive(dataDir, timelineName(readControlFile(dataDir).timeline), now);

const leaveArchive = (dataDir: string, timeline: string, now: Date): string[] => {
  const archive = archiveDir(dataDir);
  const kept = setAside(archive, now);
  const base = setAside(join(dirname(dataDir), 'base'), now);
  claimArchive(dataDir, serverAccount(), now);
  if (kept) keepTimelines(kept, archive, timeline);
  return [kept, base].filter((path) => path !== null);
};

/** The server goes on in the timeline that it was in: which one that is stands with the archive. */
const keepTimelines = (from: string, to: string, current: string): void => {
  const account = serverAccount();
  for (const name of readdirSync(from)) {
    const isOurs =
      name === TIMELINES || (/^[0-9A-F]{8}\.history\.gz$/.test(name) && name.slice(0, 8) <= current);
    if (!isOurs) continue;
    copyFileSync(join(from, name), join(to, name));
    if (account && name !== TIMELINES) chownSync(join(to, name), account.uid, account.gid);
  }
};
