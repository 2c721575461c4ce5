import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ifThere } from '../../../core/files/if-there.js';
import { isSegmentName, segmentNumber } from './wal-segments.js';

/** A segment in the `pg_wal` of a data folder. */
export interface OwnSegment {
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
}

/**
 * Segments that a data folder has written, ascending; not those that it keeps under a later name to write into. A server that has
 * started meanwhile takes away the oldest ones.
 */
export const ownSegments = (dataDir: string): OwnSegment[] => {
  const folder = join(dataDir, 'pg_wal');
  return (ifThere(() => readdirSync(folder)) ?? [])
    .filter(isSegmentName)
    .sort()
    .flatMap((name) => ifThere(() => written(name, join(folder, name))) ?? []);
};

/** Offset of xlp_pageaddr in a segment's first page: the segment's position in the log (postgres, xlog_internal.h). */
const PAGE_ADDRESS = 8;
const ADDRESS_BYTES = 8;

const written = (name: string, path: string): OwnSegment[] => {
  const bytes = statSync(path).size;
  const file = openSync(path, 'r');
  try {
    const address = Buffer.alloc(ADDRESS_BYTES);
    readSync(file, address, 0, ADDRESS_BYTES, PAGE_ADDRESS);
    const isAt = address.readBigUInt64LE() === BigInt(segmentNumber(name, bytes)) * BigInt(bytes);
    return isAt ? [{ name, path, bytes }] : [];
  } finally {
    closeSync(file);
  }
};
