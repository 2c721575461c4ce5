import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';

/** The control file of a data folder: it has a checkpoint, from which a start goes on with the segments in `pg_wal`. */
export interface ControlFile {
  /** The number that initdb chose at random. */
  readonly systemId: string;
  /** It was stopped in an orderly way: then its last checkpoint is the end of its log. */
  readonly isShutDown: boolean;
  /** The time of the last write. */
  readonly writtenAt: Date;
  /** The position in the log of the last checkpoint, and the one that recovery begins at. */
  readonly checkpoint: bigint;
  readonly redo: bigint;
  readonly timeline: number;
}

export const controlFilePath = (dataDir: string): string => join(dataDir, 'global', 'pg_control');

const SECOND_MS = 1_000;
/** Offsets as in postgres, src/include/catalog/pg_control.h, the same in 11 to 18; the numbers are the machine's. */
const SYSTEM = 0;
const STATE = 16;
const TIME = 24;
const CHECKPOINT = 32;
const REDO = 40;
const TIMELINE = 48;
const BYTES = 52;
const SHUT_DOWN = 1;

export const readControlFile = (dataDir: string): ControlFile => {
  const file = openSync(controlFilePath(dataDir), 'r');
  try {
    const bytes = Buffer.alloc(BYTES);
    readSync(file, bytes, 0, BYTES, 0);
    return {
      systemId: bytes.readBigUInt64LE(SYSTEM).toString(),
      isShutDown: bytes.readUInt32LE(STATE) === SHUT_DOWN,
      writtenAt: new Date(Number(bytes.readBigInt64LE(TIME)) * SECOND_MS),
      checkpoint: bytes.readBigUInt64LE(CHECKPOINT),
      redo: bytes.readBigUInt64LE(REDO),
      timeline: bytes.readUInt32LE(TIMELINE),
    };
  } finally {
    closeSync(file);
  }
};

/** A position in the log as Postgres writes it, such as `0/16B3748`. */
export const parseLsn = (text: string): bigint => {
  const [high = '0', low = '0'] = text.split('/');
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`);
};
