import { refused } from './refused.js';

/** Opens the archive's bytes from `startByte` to the end; called once per pass. */
export type ArchiveSource = (startByte: number) => Promise<AsyncIterable<Uint8Array>>;

/** The place of another backup's archive of the tenant. */
export type SourceOfBackup = (backupId: string) => ArchiveSource;

/** Runs `work` on the bytes from `startByte` on, and releases them. */
export const withBytes = async <T>(
  source: ArchiveSource,
  startByte: number,
  work: (bytes: ByteReader) => Promise<T>,
): Promise<T> => {
  const bytes = byteReader(await source(startByte));
  try {
    return await work(bytes);
  } finally {
    await bytes.close();
  }
};

/**
 * Reads exact numbers of bytes from a stream of parts of any size. Holds one request's bytes and one part.
 * Parts are kept, not copied: the stream must not write into a part that it gave.
 */
export interface ByteReader {
  /** Bytes read so far. */
  readonly offset: number;
  /** The next `length` bytes. Fewer left: backup_refused. */
  read(length: number): Promise<Buffer>;
  atEnd(): Promise<boolean>;
  /** Releases the stream. */
  close(): Promise<void>;
}

export const byteReader = (source: AsyncIterable<Uint8Array>): ByteReader => {
  const parts = source[Symbol.asyncIterator]();
  let held: Buffer = Buffer.alloc(0);
  let offset = 0;

  /** Holds at least `length` bytes, or all there are. */
  const hold = async (length: number): Promise<void> => {
    const collected = [held];
    let size = held.length;
    while (size < length) {
      const next = await parts.next();
      if (next.done) break;
      collected.push(Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength));
      size += next.value.byteLength;
    }
    if (collected.length > 1) held = Buffer.concat(collected);
  };

  return {
    get offset() {
      return offset;
    },
    async read(length) {
      await hold(length);
      if (held.length < length) throw refused('it ends too early');
      const bytes = held.subarray(0, length);
      held = held.subarray(length);
      offset += length;
      return bytes;
    },
    async atEnd() {
      await hold(1);
      return held.length === 0;
    },
    async close() {
      await parts.return?.();
    },
  };
};
