import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ifThere } from '../../../core/files/if-there.js';
import { IDENTIFIER_FILE } from './archive-identity.js';
import { ARCHIVED, archiveDir, archivedSegments } from './archiving.js';
import { controlFilePath, readControlFile } from './control-file.js';
import { type OwnSegment, ownSegments } from './own-wal.js';
import { segmentNumber } from './wal-segments.js';

/**
 * The newest archived segment, where the data folder cannot have written it: an earlier copy was put in its place, and a start
 * would leave out all that was committed since. A server that was killed, moved or copied has every archived segment behind its
 * checkpoint, or the same bytes in `pg_wal`; one that was restored is in a later timeline than what it gave up.
 */
export const newerArchived = (dataDir: string): string | undefined => {
  const newest = archivedSegments(dataDir).at(-1);
  if (newest === undefined || !existsSync(controlFilePath(dataDir)) || !isOfSameCluster(dataDir))
    return undefined;
  const { redo, timeline } = readControlFile(dataDir);
  const archivedTimeline = Number.parseInt(newest.slice(0, 8), 16);
  if (archivedTimeline !== timeline) return archivedTimeline > timeline ? newest : undefined;
  const own = ownSegments(dataDir);
  const bytes = own[0]?.bytes;
  if (bytes === undefined || BigInt(segmentNumber(newest, bytes)) < redo / BigInt(bytes)) return undefined;
  const same = own.find(({ name }) => name === newest);
  return same && isArchivedAs(dataDir, same) ? undefined : newest;
};

/** An archive of another cluster is kept aside by the start. */
const isOfSameCluster = (dataDir: string): boolean => {
  const path = join(archiveDir(dataDir), IDENTIFIER_FILE);
  return !existsSync(path) || readFileSync(path, 'utf8').trim() === readControlFile(dataDir).systemId;
};

const isArchivedAs = (dataDir: string, { name, path }: OwnSegment): boolean => {
  const archived = ifThere(() => unpacked(join(archiveDir(dataDir), `${name}${ARCHIVED}`)));
  const own = ifThere(() => readFileSync(path));
  return archived === undefined || own === undefined || archived.equals(own);
};

/** Undefined for one that is damaged: it says nothing of the data. */
const unpacked = (path: string): Buffer | undefined => {
  try {
    return gunzipSync(readFileSync(path));
  } catch (error) {
    if (/^(?:Z_|ERR_)/.test((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
};
