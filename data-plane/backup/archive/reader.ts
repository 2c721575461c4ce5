import { createHash } from 'node:crypto';
import { type BaseArchives, baseArchives, recordData } from './base-archives.js';
import {
  type ArchiveHeader,
  type ArchiveKeys,
  type ExpectedArchive,
  openStart,
  readHeader,
} from './header.js';
import type { ArchiveManifest, ArchiveSection } from './manifest.js';
import { openRecords, RECORD } from './records.js';
import { refused } from './refused.js';
import { type ArchiveSource, byteReader, type SourceOfBackup, withBytes } from './source.js';
import { type SectionPlace, verifyRecords } from './verify.js';
import { zstdReady } from './zstd.js';

/** An archive that was read to its end and found whole. */
export interface OpenArchive {
  readonly header: ArchiveHeader;
  readonly manifest: ArchiveManifest;
  /**
   * A section's data, read again and checked again chunk by chunk. The last check is after the last chunk: whoever
   * writes the data somewhere commits only when the iteration ended without an error.
   */
  section(name: string): AsyncIterable<Buffer>;
}

/** The header as it stands there. Proves nothing: it tells which key to load for `openArchive`. */
export const readArchiveHeader = async (source: ArchiveSource): Promise<ArchiveHeader> =>
  withBytes(source, 0, async (bytes) => (await readHeader(bytes)).header);

/**
 * Reads the whole archive once, in constant memory, and checks all of it: header, every record, digests, counts, names.
 * Nothing of it is handed out before.
 *
 * @throws RingfenceError backup_refused when anything is wrong with it, when it is another tenant's or another backup
 *   than expected, or when the key is another; a failure of the source as it is.
 */
export const openArchive = async (options: {
  readonly source: ArchiveSource;
  /** The tenant's derived key for `backup`, of the header's key version. */
  readonly key: Buffer;
  readonly expected: { readonly tenantId: string; readonly backupId?: string };
  /** For archives that refer to others; those have the same tenant, key and key version. */
  readonly sourceOf?: SourceOfBackup;
}): Promise<OpenArchive> => {
  const { source, key, expected, sourceOf } = options;
  await zstdReady();
  return withBytes(source, 0, async (bytes) => {
    const { header, keys } = await openStart(bytes, key, expected);
    const openBases = baseArchives(header, key, sourceOf);
    const bases = openBases();
    const { manifest, places } = await verifyRecords(bytes, keys, header.chunkBytes, bases).finally(
      bases.close,
    );
    const sections = new Map(manifest.sections.map((section) => [section.name, section]));
    return {
      header,
      manifest,
      section(name) {
        const [section, place] = [sections.get(name), places.get(name)];
        if (section === undefined || place === undefined) throw refused('it has no section of this name');
        const parts = { source, keys, chunkBytes: header.chunkBytes, bases: openBases() };
        return readSection(parts, section, place);
      },
    };
  });
};

interface OpenedParts {
  readonly source: ArchiveSource;
  readonly keys: ArchiveKeys;
  readonly chunkBytes: number;
  /** Closed with the section. */
  readonly bases: BaseArchives;
}

async function* readSection(
  { source, keys, chunkBytes, bases }: OpenedParts,
  section: ArchiveSection,
  place: SectionPlace,
): AsyncGenerator<Buffer> {
  const bytes = byteReader(await source(place.startByte));
  try {
    const digest = createHash('sha256');
    for await (const record of openRecords(bytes, keys, chunkBytes, place.index)) {
      if (record.index === place.index) continue;
      if (record.kind === RECORD.index) continue;
      const chunk = await recordData(record, chunkBytes, bases);
      if (chunk === undefined) break;
      digest.update(chunk);
      yield chunk;
    }
    if (digest.digest('hex') !== section.sha256)
      throw refused(`section ${section.name} changed while it was read`);
  } finally {
    await bytes.close();
    await bases.close();
  }
}

/** Proves that a key is an archive's, by its first bytes. @throws RingfenceError as `openStart`. */
export const assertArchiveKey = (
  source: ArchiveSource,
  key: Buffer,
  expected: ExpectedArchive,
): Promise<void> =>
  withBytes(source, 0, async (bytes) => {
    await openStart(bytes, key, expected);
  });
