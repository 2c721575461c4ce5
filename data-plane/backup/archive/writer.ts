import { createHash, randomBytes } from 'node:crypto';
import type { Writable } from 'node:stream';
import { RingfenceError } from '../../../core/errors.js';
import type { RandomSource } from '../../keys/random.js';
import type { ChunkIndex, RecordPlace } from './chunk-index.js';
import { chunkId, encodeIndex, encodePlace, knownChunks } from './chunk-place.js';
import { contentChunks } from './content-chunks.js';
import { extentWriter } from './extents.js';
import { type ArchiveHeader, deriveArchiveKeys, encodeHeader, SALT_BYTES } from './header.js';
import {
  type ArchiveManifest,
  type ArchiveSection,
  type ArchiveSubject,
  assertSectionName,
  encodeManifest,
  type IndexRecordPlace,
} from './manifest.js';
import { RECORD, sealRecord } from './records.js';
import { sinkOf } from './sink.js';
import { zstdFrame, zstdReady } from './zstd.js';

const CHUNK_DEFAULT_BYTES = 1024 * 1024;

/** The inputs of an archive. */
export interface ArchiveOptions {
  /** The tenant's derived key for `backup`, 32 bytes. */
  readonly key: Buffer;
  readonly header: Pick<ArchiveHeader, 'tenantId' | 'backupId' | 'keyVersion'>;
  /** Version of the schema that the sections were read from; `[A-Za-z0-9_.-]{1,64}`. */
  readonly schemaVersion: string;
  /** Default 1 MiB. */
  readonly chunkBytes?: number;
  /** Of zstd. Default -3: sealed columns do not compress at any level, and the time goes there. */
  readonly level?: number;
  /** Goes into the manifest. */
  readonly about?: ArchiveSubject | undefined;
  /** An archive of the same tenant and key version, to refer to for what has not changed since. */
  readonly previous?: ChunkIndex;
  readonly now?: () => Date;
  readonly random?: RandomSource;
}

/** Writes an archive, section after section. An unfinished archive never opens. */
export interface ArchiveWriter {
  /**
   * Writes one table.
   *
   * @param rows asked once the source has ended: COPY tells the number of rows only then.
   * @throws backup_refused for a name or column that no table has, or a name that was there before; a failure of the
   *   source or the sink as it is. After any failure nothing more can be written.
   */
  section(
    name: string,
    columns: readonly string[],
    source: AsyncIterable<Uint8Array>,
    rows: () => number,
  ): Promise<ArchiveSection>;

  /** Writes the manifest and ends the sink. */
  finish(): Promise<FinishedArchive>;
}

/** The finished archive. */
export interface FinishedArchive {
  readonly manifest: ArchiveManifest;
  /** For `openChunkIndex`. */
  readonly manifestPlace: RecordPlace;
}

/** Starts an archive (docs/formats.md, archive). Holds one chunk and its compressed form in memory. */
export const createArchiveWriter = async (
  options: ArchiveOptions & { readonly sink: Writable },
): Promise<ArchiveWriter> => {
  const {
    chunkBytes = CHUNK_DEFAULT_BYTES,
    level = -3,
    random = randomBytes,
    now = () => new Date(),
  } = options;
  const sections = new Map<string, ArchiveSection>();
  const sink = sinkOf(options.sink);
  const salt = random(SALT_BYTES).toString('base64');
  const encoded = encodeHeader({ ...options.header, createdAt: now().toISOString(), chunkBytes, salt });
  const keys = deriveArchiveKeys(options.key, { salt }, encoded);
  const start = Buffer.concat([encoded, keys.commitment]);
  const bases = new Set<string>();
  const chunkIndex: IndexRecordPlace[] = [];
  let place: RecordPlace = { startByte: start.length, record: 0 };
  let open = true;

  const append = async (kind: number, content: Uint8Array, last = false): Promise<void> => {
    const { startByte, record } = place;
    const sealed = sealRecord(keys, { kind, content, last, index: record });
    place = { startByte: startByte + sealed.length, record: record + 1 };
    await sink.write(sealed);
  };

  /** One call at a time, and none after a failure: `open` is set again only on success. */
  const exclusively = async <T>(work: () => Promise<T>): Promise<T> => {
    if (!open)
      throw new RingfenceError('internal', 'the archive is finished, failed, or busy with another section');
    open = false;
    return work();
  };

  const writeSection: ArchiveWriter['section'] = async (name, columns, source, rows) => {
    assertSectionName(name, sections);
    await append(RECORD.section, Buffer.from(name));
    const digest = createHash('sha256');
    const known = options.previous ? knownChunks(options.previous.chunks(name)) : undefined;
    const extents = extentWriter({
      backupId: options.header.backupId,
      chunkBytes,
      place: () => place,
      data: (content) => append(RECORD.data, zstdFrame(content, level)),
      reference: (extent) => {
        bases.add(extent.backupId);
        return append(RECORD.reference, encodePlace(extent));
      },
      index: (chunks) => {
        chunkIndex.push({ section: name, ...place });
        return append(RECORD.index, encodeIndex(chunks));
      },
    });
    let bytes = 0;
    for await (const chunk of contentChunks(source, chunkBytes)) {
      digest.update(chunk);
      bytes += chunk.length;
      const id = chunkId(chunk);
      await extents.add(id, chunk, await known?.find(id));
    }
    await extents.end();
    const section = { name, columns: [...columns], rows: rows(), bytes, sha256: digest.digest('hex') };
    encodeManifest({ schemaVersion: options.schemaVersion, sections: [section] });
    sections.set(name, section);
    open = true;
    return section;
  };

  await zstdReady();
  await sink.write(start);
  return {
    section: (...args) => exclusively(() => writeSection(...args)),
    finish: () =>
      exclusively(async () => {
        const manifest = {
          schemaVersion: options.schemaVersion,
          sections: [...sections.values()],
          bases: [...bases],
          chunkIndex,
          ...(options.about ? { about: options.about } : {}),
        };
        const manifestPlace = place;
        await append(RECORD.manifest, encodeManifest(manifest), true);
        await sink.end();
        return { manifest, manifestPlace };
      }),
  };
};
