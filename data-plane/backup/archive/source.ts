import { type ByteReader, byteReader } from './byte-reader.js';

/** Opens the archive's bytes from `startByte` to the end; called once per pass. */
export type ArchiveSource = (startByte: number) => Promise<AsyncIterable<Uint8Array>>;

/** Where the archive of another backup of the tenant lies. */
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
