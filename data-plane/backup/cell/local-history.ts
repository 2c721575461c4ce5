import { randomUUID } from 'node:crypto';
import { RingfenceError } from '../../../core/errors.js';
import { type Connection, withConnection } from '../../database/connect.js';
import { archivedSegments } from '../../database/server/archiving.js';
import { purgeCopy } from '../../database/server/copy.js';
import { readRecord, type ServerRecord } from '../../database/server/record.js';
import { firstGap } from '../../database/server/wal-segments.js';
import { archiveUntilNow, assertArchiving, removeSegmentsBefore } from './archived-wal.js';
import { listBaseBackups, removeBaseBackup, takeBaseBackup } from './base-backup.js';
import type { CellHistory, HistoryWindow } from './cell-history.js';
import { byNeed, chooseBase } from './choose-base.js';
import { leaveDivergedArchive } from './diverged-archive.js';
import { recoverCopy } from './recover-copy.js';
import { readTimelines, timelineAt } from './timelines.js';

const DAY_MS = 86_400_000;

/** The history of an embedded Postgres that archives its WAL: base backups and segments beside its data folder. */
export const localHistory = (options: {
  /** Of the cell's server. */
  readonly dir: string;
  /** The cell's database, as its administrator. */
  readonly connect: () => Promise<Connection>;
  /** Called between the steps; a test ends the process here. */
  readonly reached: (point: string) => void;
  readonly now?: () => Date;
}): CellHistory => {
  const { dir, connect, reached, now = () => new Date() } = options;

  const windowOf = (dataDir: string): HistoryWindow | undefined => {
    const segments = archivedSegments(dataDir);
    // Moments before a gap in the WAL are not promised.
    const oldest = listBaseBackups(dataDir).find(
      ({ startSegment, segmentBytes }) => firstGap(startSegment, segments, segmentBytes) === undefined,
    );
    return oldest && { from: oldest.finishedAt, to: now() };
  };

  const open = async (): Promise<{ readonly admin: Connection; readonly record: ServerRecord }> => {
    const admin = await connect();
    const record = readRecord(dir);
    if (record) return { admin, record };
    throw new RingfenceError('database_unavailable', `no server is recorded in ${dir}`, {
      fix: 'bring the cell up with `ringfence cells up`',
    });
  };

  return {
    window: async () => {
      const record = readRecord(dir);
      return record && windowOf(record.dataDir);
    },

    keptDays: async (days) => days,

    async inCopyAt(at, work) {
      const { admin, record } = await open();
      const { dataDir } = record;
      purgeCopy(record);
      const timelines = readTimelines(dataDir);
      const base = chooseBase(listBaseBackups(dataDir), timelines, at, now(), windowOf(dataDir));
      await withConnection(admin, (client) => archiveUntilNow(client, dataDir));
      reached('wal-archived');
      // Ctrl-C ends the process without coming back here.
      const purge = () => purgeCopy(record);
      process.once('exit', purge);
      try {
        const copy = await recoverCopy(record, base, { at, timeline: timelineAt(timelines, at) });
        reached('copy-recovered');
        return await work({ ...copy, database: admin.database });
      } finally {
        process.off('exit', purge);
        purge();
      }
    },

    async upkeep(days) {
      const { admin, record } = await open();
      const { dataDir } = record;
      purgeCopy(record);
      await withConnection(admin, async (client) => {
        await assertArchiving(client);
        await leaveDivergedArchive(client, dataDir, now());
      });
      const { id, storedBytes } = await takeBaseBackup(admin, dataDir, randomUUID());
      await withConnection(admin, (client) => archiveUntilNow(client, dataDir));
      reached('base-backup-taken');
      const { kept, expired } = byNeed(
        listBaseBackups(dataDir),
        readTimelines(dataDir),
        new Date(now().getTime() - days * DAY_MS),
      );
      for (const base of expired) removeBaseBackup(dataDir, base);
      reached('base-backups-removed');
      const removedSegments = removeSegmentsBefore(dataDir, kept);
      return { base: { id, storedBytes }, removedBases: expired.length, removedSegments };
    },
  };
};
