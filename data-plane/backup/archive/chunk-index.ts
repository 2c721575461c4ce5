import { decodeIndex, type IndexedChunk } from './chunk-place.js';
import { type ExpectedArchive, openStart } from './header.js';
import { decodeManifest } from './manifest.js';
import { openRecord, RECORD } from './records.js';
import { refused } from './refused.js';
import { type ArchiveSource, withBytes } from './source.js';

/** The position of a record: its first byte, and its number. */
export interface RecordPlace {
  readonly startByte: number;
  readonly record: number;
}

/** The chunks of an earlier archive, for one that goes on from it. */
export interface ChunkIndex {
  readonly backupId: string;
  /** In the order in which they lie in the section; none for a section that it has not. */
  chunks(section: string): AsyncGenerator<IndexedChunk>;
}

/**
 * Reads where an archive has its chunks: its header, its manifest and its index, none of its data.
 *
 * @param options.manifestPlace as `ArchiveWriter.finish` told it.
 * @throws RingfenceError backup_refused, backup_not_found
 */
export const openChunkIndex = async (options: {
  readonly source: ArchiveSource;
  readonly key: Buffer;
  readonly expected: Required<ExpectedArchive>;
  readonly manifestPlace: RecordPlace;
}): Promise<ChunkIndex> => {
  const { source, key, expected } = options;
  const {
    keys,
    header: { chunkBytes },
  } = await withBytes(source, 0, (bytes) => openStart(bytes, key, expected));
  const recordAt = async (place: RecordPlace, kind: number): Promise<Buffer> =>
    withBytes(source, place.startByte, async (bytes) => {
      const record = await openRecord(bytes, keys, chunkBytes, place.record);
      if (record.kind !== kind) throw refused('its index is elsewhere');
      return record.content;
    });
  const manifest = decodeManifest(await recordAt(options.manifestPlace, RECORD.manifest));
  return {
    backupId: expected.backupId,
    async *chunks(section) {
      for (const place of manifest.chunkIndex ?? [])
        if (place.section === section) yield* decodeIndex(await recordAt(place, RECORD.index));
    },
  };
};
