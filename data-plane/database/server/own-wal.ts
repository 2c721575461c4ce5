import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isSegmentName, segmentNumber } from './wal-segments.js';

/** A segment in the `pg_wal` of a data folder. */
export interface OwnSegment {
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
}

/** Segments that a data folder has written, ascending; not those that it keeps under a later name to write into. */
export const ownSegments = (dataDir: string): OwnSegment[] => {
  const folder = join(dataDir, 'pg_wal');
  return (existsSync(folder) ? readdirSync(folder) : [])
    .filter(isSegmentName)
    .sort()
    .map((name) => ({ name, path: join(folder, name), bytes: statSync(join(folder, name)).size }))
    .filter(isWritten);
};

/** Offset of xlp_pageaddr in a segment's first page: the segment's position in the log (postgres, xlog_internal.h). */
const PAGE_ADDRESS = 8;
const ADDRESS_BYTES = 8;

const isWritten = ({ name, path, bytes }: OwnSegment): boolean => {
  const file = openSync(path, 'r');
  try {
    const address = Buffer.alloc(ADDRESS_BYTES);
    readSync(file, address, 0, ADDRESS_BYTES, PAGE_ADDRESS);
    return address.readBigUInt64LE() === BigInt(segmentNumber(name, bytes)) * BigInt(bytes);
  } finally {
    closeSync(file);
  }
};
