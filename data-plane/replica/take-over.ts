import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { noteTimeline } from '../backup/cell/timelines.js';
import { withConnection } from '../database/connect.js';
import { ensureLocalServer, type LocalServer } from '../database/server/local-server.js';
import type { ServerRecord } from '../database/server/record.js';
import { replicaDataDir, replicaDir, stopReplica } from '../database/server/replica-place.js';
import { setAside } from '../database/server/set-aside.js';
import { timelineName } from '../database/server/wal-segments.js';
import { dropStandbySettings } from './standby-settings.js';

interface Steps {
  readonly now: () => Date;
  readonly reached: (point: string) => void;
}

/**
 * Makes a primary of the replica, in a timeline of its own that the server's history knows. Does nothing twice.
 * @param until up to here it has what happened before; undefined when it has all.
 * @returns the server of the promoted replica.
 */
export const promoteReplica = async (
  { dataDir }: ServerRecord,
  until: Date | undefined,
  { now, reached }: Steps,
): Promise<LocalServer> => {
  const server = await ensureLocalServer(replicaDir(dataDir));
  await withConnection({ ...server, database: 'postgres' }, async (client) => {
    // Waits for it, for 5 minutes at most.
    await client.query('SELECT pg_promote(true, 300) WHERE pg_is_in_recovery()');
    reached('replica-promoted');
    const { rows } = await client.query<{ segment: string }>(
      'SELECT pg_walfile_name(pg_current_wal_lsn()) AS segment',
    );
    const id = Number.parseInt(rows[0]?.segment.slice(0, 8) ?? '', 16);
    const begunAt = now();
    const parent = parentOf(replicaDataDir(dataDir), id);
    noteTimeline(dataDir, { id, parent, until: until ?? begunAt, begunAt });
  });
  return server;
};

/** The last line of a timeline's history file names the one that it branches off (PostgreSQL documentation, "Timelines"). */
const parentOf = (dataDir: string, id: number): number => {
  const lines = readFileSync(join(dataDir, 'pg_wal', `${timelineName(id)}.history`), 'utf8')
    .trim()
    .split('\n');
  return Number.parseInt(lines.at(-1) ?? '', 10);
};

/** Moves the promoted replica to where its primary was. @returns where the primary's data is kept; null where there is none. */
export const takePlace = ({ dataDir }: ServerRecord, { now, reached }: Steps): string | null => {
  stopReplica(dataDir);
  dropStandbySettings(replicaDataDir(dataDir));
  const keptData = setAside(dataDir, now());
  reached('data-set-aside');
  renameSync(replicaDataDir(dataDir), dataDir);
  reached('replica-in-place');
  return keptData;
};
