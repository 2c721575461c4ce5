import { RingfenceError } from '../../../tenants/errors.js';
import { type ByteReader, byteReader } from './byte-reader.js';
import type { ChunkPlace } from './chunk-place.js';
import type { ArchiveHeader, ArchiveKeys } from './header.js';
import { openStart } from './open-start.js';
import { openRecord, RECORD } from './records.js';
import { refused } from './refused.js';
import type { ArchiveSource, SourceOfBackup } from './source.js';
import { unzstdFrame } from './zstd.js';

/** Reads what an archive refers to out of the archives before it. Holds one record of each, and what it streams. */
export interface BaseArchives {
  /** @throws RingfenceError backup_refused, also when the archive is gone or not of the same tenant and key. */
  read(place: ChunkPlace): Promise<Buffer>;
  close(): Promise<void>;
}

/** Of one archive that is referred to. */
interface Base {
  readonly source: ArchiveSource;
  readonly keys: ArchiveKeys;
  readonly chunkBytes: number;
  stream: { readonly bytes: ByteReader; readonly startedAtByte: number } | undefined;
  held: { readonly startByte: number; readonly content: Buffer } | undefined;
}

/** Places come in ascending order mostly; reading over a gap this large costs less than asking the store again. */
const SKIP_MAX_BYTES = 1024 * 1024;

export const baseArchives = (
  expected: Pick<ArchiveHeader, 'tenantId' | 'keyVersion'>,
  backupKey: Buffer,
  sourceOf: SourceOfBackup | undefined,
): BaseArchives => {
  const bases = new Map<string, Promise<Base>>();

  const open = async (backupId: string): Promise<Base> => {
    if (sourceOf === undefined) throw refused('it builds on other backups, and those are not at hand');
    const source = sourceOf(backupId);
    const bytes = byteReader(await found(backupId, source(0)));
    try {
      const { header, keys } = await openStart(bytes, backupKey, { ...expected, backupId });
      return { source, keys, chunkBytes: header.chunkBytes, stream: undefined, held: undefined };
    } finally {
      await bytes.close();
    }
  };

  const contentAt = async (base: Base, { startByte, record }: ChunkPlace): Promise<Buffer> => {
    if (base.held?.startByte === startByte) return base.held.content;
    const bytes = await streamAt(base, startByte);
    const opened = await openRecord(bytes, base.keys, base.chunkBytes, record);
    if (opened.kind !== RECORD.data) throw refused('it refers to a record that holds no data');
    base.held = { startByte, content: unzstdFrame(opened.content, base.chunkBytes) };
    return base.held.content;
  };

  return {
    async read(place) {
      const base = bases.get(place.backupId) ?? open(place.backupId);
      bases.set(place.backupId, base);
      const content = await contentAt(await base, place);
      const end = place.offset + place.length;
      if (end > content.length) throw refused('it refers to more than there is');
      return content.subarray(place.offset, end);
    },
    async close() {
      for (const base of await Promise.allSettled(bases.values()))
        if (base.status === 'fulfilled') await base.value.stream?.bytes.close();
    },
  };
};

const streamAt = async (base: Base, startByte: number): Promise<ByteReader> => {
  const gapBytes = base.stream
    ? startByte - base.stream.startedAtByte - base.stream.bytes.offset
    : Number.NEGATIVE_INFINITY;
  if (base.stream && gapBytes >= 0 && gapBytes <= SKIP_MAX_BYTES) {
    await base.stream.bytes.read(gapBytes);
    return base.stream.bytes;
  }
  await base.stream?.bytes.close();
  base.stream = { bytes: byteReader(await base.source(startByte)), startedAtByte: startByte };
  return base.stream.bytes;
};

const found = async <T>(backupId: string, opening: Promise<T>): Promise<T> => {
  try {
    return await opening;
  } catch (error) {
    if (error instanceof RingfenceError && error.code === 'backup_not_found')
      throw refused(`backup ${backupId}, which it builds on, is gone`, error);
    throw error;
  }
};
