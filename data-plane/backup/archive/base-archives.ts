import { RingfenceError } from '../../../core/errors.js';
import { type ChunkPlace, decodePlace } from './chunk-place.js';
import { type ArchiveHeader, type ArchiveKeys, openStart } from './header.js';
import { type ArchiveRecord, openRecord, RECORD } from './records.js';
import { refused } from './refused.js';
import { type ArchiveSource, type ByteReader, byteReader, type SourceOfBackup } from './source.js';
import { unzstdFrame } from './zstd.js';

/** Reads what an archive refers to out of the archives before it. Holds one record of each, and what it streams. */
export interface BaseArchives {
  /** @throws RingfenceError backup_refused, also when the archive is gone or not of the same tenant and key. */
  read(place: ChunkPlace): Promise<Buffer>;
  close(): Promise<void>;
}

/** An archive that is referred to, with its header read and proven. */
interface OpenedBase {
  readonly source: ArchiveSource;
  readonly keys: ArchiveKeys;
  readonly chunkBytes: number;
}

/** The same in one pass over what refers to it. */
interface Base extends OpenedBase {
  stream: { readonly bytes: ByteReader; readonly startedAtByte: number } | undefined;
  held: { readonly startByte: number; readonly content: Buffer } | undefined;
}

/** Places come in ascending order mostly; reading over a gap this large costs less than asking the store again. */
const SKIP_MAX_BYTES = 1024 * 1024;

/** Opens each archive that is referred to once, for all passes. Every call of what it returns begins a pass. */
export const baseArchives = (
  expected: Pick<ArchiveHeader, 'tenantId' | 'keyVersion'>,
  backupKey: Buffer,
  sourceOf: SourceOfBackup | undefined,
): (() => BaseArchives) => {
  const opened = new Map<string, Promise<OpenedBase>>();

  const open = async (backupId: string): Promise<OpenedBase> => {
    if (sourceOf === undefined) throw refused('it builds on other backups, and those are not at hand');
    const source = sourceOf(backupId);
    const bytes = byteReader(await found(backupId, source(0)));
    try {
      const { header, keys } = await openStart(bytes, backupKey, { ...expected, backupId });
      return { source, keys, chunkBytes: header.chunkBytes };
    } finally {
      await bytes.close();
    }
  };

  return () =>
    onePass((backupId) => {
      const base = opened.get(backupId) ?? open(backupId);
      opened.set(backupId, base);
      return base;
    });
};

const onePass = (openedBase: (backupId: string) => Promise<OpenedBase>): BaseArchives => {
  const bases = new Map<string, Base>();

  const baseOf = async (backupId: string): Promise<Base> => {
    const base = bases.get(backupId) ?? {
      ...(await openedBase(backupId)),
      stream: undefined,
      held: undefined,
    };
    bases.set(backupId, base);
    return base;
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
      const content = await contentAt(await baseOf(place.backupId), place);
      const end = place.offset + place.length;
      if (end > content.length) throw refused('it refers to more than there is');
      return content.subarray(place.offset, end);
    },
    async close() {
      for (const { stream } of bases.values()) await stream?.bytes.close();
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

/** The bytes of its section that a record stands for; undefined where it stands for none. */
export const recordData = async (
  { kind, content }: ArchiveRecord,
  chunkBytes: number,
  bases: BaseArchives,
): Promise<Buffer | undefined> => {
  if (kind === RECORD.data) return unzstdFrame(content, chunkBytes);
  return kind === RECORD.reference ? bases.read(decodePlace(content)) : undefined;
};
