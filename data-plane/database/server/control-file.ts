import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';

/** What a cluster says of itself in `global/pg_control` (postgres, src/include/catalog/pg_control.h). */
export interface ControlFile {
  /** Which initdb chose at random. */
  readonly systemId: string;
  /** It was stopped in an orderly way: then its last checkpoint is the end of its log. */
  readonly isShutDown: boolean;
  /** Position of the last checkpoint in the log. */
  readonly checkpoint: bigint;
  readonly timeline: number;
}

const BYTES = 52;
const SHUT_DOWN = 1;

/** Undefined where there is no cluster. */
export const readControlFile = (dataDir: string): ControlFile | undefined => {
  const path = join(dataDir, 'global', 'pg_control');
  if (!existsSync(path)) return undefined;
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(BYTES);
    readSync(file, bytes, 0, BYTES, 0);
    return {
      systemId: bytes.readBigUInt64LE(0).toString(),
      isShutDown: bytes.readUInt32LE(16) === SHUT_DOWN,
      checkpoint: bytes.readBigUInt64LE(32),
      timeline: bytes.readUInt32LE(48),
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
