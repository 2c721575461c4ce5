import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { RingfenceError } from '../../../core/errors.js';
import { readSecretFile, replaceSecretFile } from '../../../core/files/secret-file.js';
import { archiveDir } from '../../database/server/archiving.js';
import { timelineName } from '../../database/server/wal-segments.js';
import type { BaseBackup } from './base-backup.js';

/**
 * A line of a server's history: each recovery that lasts begins a new one (PostgreSQL documentation, "Timelines"). Times are
 * this machine's.
 */
export interface Timeline {
  readonly id: number;
  /** The one that it branches off. */
  readonly parent: number;
  /** Up to here it has what happened in its parent. */
  readonly until: Date;
  /** From here on, what happened, happened in it. */
  readonly begunAt: Date;
}

const FIRST = 1;
/** In the archive. */
export const TIMELINES_FILE = 'timelines.json';
const Schema = z.array(
  z.strictObject({
    id: z.int().min(2),
    parent: z.int().min(FIRST),
    until: z.coerce.date(),
    begunAt: z.coerce.date(),
  }),
);

/** Those that were begun, oldest first: one whose restore was broken off has archived nothing of it. */
export const readTimelines = (dataDir: string): Timeline[] =>
  read(dataDir).filter(({ id }) => existsSync(join(archiveDir(dataDir), `${timelineName(id)}.history.gz`)));

/** Notes a timeline; another one of that number was broken off. */
export const noteTimeline = (dataDir: string, timeline: Timeline): void => {
  const all = [...read(dataDir).filter(({ id }) => id !== timeline.id), timeline];
  replaceSecretFile(join(archiveDir(dataDir), TIMELINES_FILE), `${JSON.stringify(all, null, 2)}\n`);
};

/**
 * The one in which things happened at a time, or one that goes on from all of it, or from all up to that time: its end can be told
 * from a commit that is later, and the end of one that was given up may never have been archived. Without a time the newest.
 */
export const timelineAt = (timelines: readonly Timeline[], at?: Date): number => {
  const begun = timelines.filter(({ begunAt }) => at === undefined || begunAt <= at).at(-1)?.id ?? FIRST;
  return timelines.reduce((id, line) => (line.parent === id && goesOnFrom(line, at) ? line.id : id), begun);
};

/** It has all of its parent, or all up to a time. */
const goesOnFrom = ({ until, begunAt }: Timeline, at: Date | undefined): boolean =>
  until.getTime() === begunAt.getTime() || (at !== undefined && at <= until);

/** Recovery along a timeline can begin from the base backup: it was taken in it, or in an ancestor before the branch. */
export const leadsTo = (
  timelines: readonly Timeline[],
  base: Pick<BaseBackup, 'startSegment' | 'finishedAt'>,
  id: number,
): boolean => {
  if (Number.parseInt(base.startSegment.slice(0, 8), 16) === id) return true;
  const line = timelines.find((one) => one.id === id);
  return line !== undefined && base.finishedAt <= line.until && leadsTo(timelines, base, line.parent);
};

const read = (dataDir: string): Timeline[] => {
  const path = join(archiveDir(dataDir), TIMELINES_FILE);
  try {
    return Schema.parse(JSON.parse(readSecretFile(path) ?? '[]')).sort((a, b) => a.id - b.id);
  } catch (cause) {
    if (cause instanceof RingfenceError) throw cause;
    throw new RingfenceError('backup_refused', `${path} is damaged`, {
      fix: 'restore it from a copy; without it nobody knows which of the cell’s histories a time belongs to',
      cause,
    });
  }
};
