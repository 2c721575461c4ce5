import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';

/** What a data folder says of itself: a checkpoint, from which a start goes on by what `pg_wal` has. */
export interface ControlFile {
  /** When it was last written. */
  readonly writtenAt: Date;
  /** The position in the log that recovery begins at. */
  readonly redo: bigint;
  readonly timeline: number;
}

export const controlFilePath = (dataDir: string): string => join(dataDir, 'global', 'pg_control');

const SECOND_MS = 1_000;
/** Offsets as in postgres, src/include/catalog/pg_control.h, the same in 11 to 18; the numbers are the machine's. */
const TIME = 24;
const REDO = 40;
const TIMELINE = 48;
const BYTES = 52;

export const readControlFile = (dataDir: string): ControlFile => {
  const file = openSync(controlFilePath(dataDir), 'r');
  try {
    const bytes = Buffer.alloc(BYTES);
    readSync(file, bytes, 0, BYTES, 0);
    return {
      writtenAt: new Date(Number(bytes.readBigInt64LE(TIME)) * SECOND_MS),
      redo: bytes.readBigUInt64LE(REDO),
      timeline: bytes.readUInt32LE(TIMELINE),
    };
  } finally {
    closeSync(file);
  }
};
