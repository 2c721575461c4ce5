import { RingfenceError } from '../../../core/errors.js';
import { archivedSegments } from '../../database/server/archiving.js';
import { ownSegments } from '../../database/server/own-wal.js';
import { firstGap } from '../../database/server/wal-segments.js';
import { type BaseBackup, listBaseBackups } from './base-backup.js';
import { baseFor, chooseBase } from './choose-base.js';
import { reachedUntil } from './recover-copy.js';
import { readTimelines, timelineAt } from './timelines.js';

export interface Recovery {
  readonly base: BaseBackup;
  readonly timeline: number;
  /** The first WAL segment that is missing, where recovery may stop; it ends before it. */
  readonly gap: string | undefined;
  /** WAL segments that were not archived, in what is left of the data folder: their paths. */
  readonly segments: readonly string[];
}

/**
 * How the server whose data is, or was, in `dataDir` is recovered to a time, or to the end of its WAL.
 * @param lenient stops before a gap instead of refusing it, and leaves out these base backups (ids).
 * @throws RingfenceError `backup_not_found` where there is nothing to begin from; `usage` for a time to come; `backup_refused`
 *   when the WAL has a gap before its end.
 */
export const chooseRecovery = (
  dataDir: string,
  to: Date | undefined,
  now: Date,
  lenient?: ReadonlySet<string>,
): Recovery => {
  const archived = archivedSegments(dataDir);
  const left = ownSegments(dataDir).filter(({ name }) => !archived.includes(name));
  const segments = left.map(({ path }) => path);
  const timelines = readTimelines(dataDir);
  const timeline = timelineAt(timelines, to);
  const bases = listBaseBackups(dataDir).filter(({ id }) => !lenient?.has(id));
  if (to !== undefined)
    return { base: chooseBase(bases, timelines, to, now, undefined), timeline, gap: undefined, segments };
  const names = [...archived, ...left.map(({ name }) => name)];
  const base = baseFor(
    bases.filter(
      ({ startSegment, segmentBytes }) => firstGap(startSegment, names, segmentBytes) !== startSegment,
    ),
    timelines,
  );
  if (base === undefined) {
    throw new RingfenceError(
      'backup_not_found',
      'the cell has no base backup with the WAL that belongs to it',
      {
        fix: 'bring its tenants back from their own backups',
      },
    );
  }
  const gap = firstGap(base.startSegment, names, base.segmentBytes);
  if (gap === undefined || lenient) return { base, timeline, gap, segments };
  throw new RingfenceError('backup_refused', `the archived WAL lacks ${gap}`, {
    fix: `bring the cell back to a time before: --to ${reachedUntil(dataDir, base).toISOString()}, or a little earlier`,
  });
};
