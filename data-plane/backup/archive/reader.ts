import { createHash, timingSafeEqual } from 'node:crypto';
import { type ByteReader, byteReader } from './byte-reader.js';
import {
  type ArchiveHeader,
  type ArchiveKeys,
  COMMITMENT_BYTES,
  deriveArchiveKeys,
  readHeader,
} from './header.js';
import type { ArchiveManifest, ArchiveSection } from './manifest.js';
import { openRecords, RECORD } from './records.js';
import { refused } from './refused.js';
import { verifyRecords } from './verify.js';
import { unzstdFrame, zstdReady } from './zstd.js';

/** Opens the archive's bytes from `startByte` to the end; called once per pass. */
export type ArchiveSource = (startByte: number) => Promise<AsyncIterable<Uint8Array>>;

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
}): Promise<OpenArchive> => {
  const { source, key, expected } = options;
  await zstdReady();
  return withBytes(source, 0, async (bytes) => {
    const { header, encoded } = await readHeader(bytes);
    if (header.tenantId !== expected.tenantId) throw refused('it is another tenant’s');
    if (header.backupId !== (expected.backupId ?? header.backupId)) throw refused('it is another backup');
    const keys = deriveArchiveKeys(key, header, encoded);
    if (!timingSafeEqual(await bytes.read(COMMITMENT_BYTES), keys.commitment)) {
      throw refused('its header was altered or it was made with another key');
    }
    const { manifest, places } = await verifyRecords(bytes, keys, header.chunkBytes);
    const sections = new Map(manifest.sections.map((section) => [section.name, section]));
    return {
      header,
      manifest,
      section(name) {
        const [section, place] = [sections.get(name), places.get(name)];
        if (section === undefined || place === undefined) throw refused('it has no section of this name');
        return readSection(source, keys, header.chunkBytes, section, place);
      },
    };
  });
};

async function* readSection(
  source: ArchiveSource,
  keys: ArchiveKeys,
  chunkBytes: number,
  section: ArchiveSection,
  place: { readonly startByte: number; readonly index: number },
): AsyncGenerator<Buffer> {
  const bytes = byteReader(await source(place.startByte));
  try {
    const digest = createHash('sha256');
    for await (const record of openRecords(bytes, keys, chunkBytes, place.index)) {
      if (record.index === place.index) continue;
      if (record.kind !== RECORD.data) break;
      const chunk = unzstdFrame(record.content, chunkBytes);
      digest.update(chunk);
      yield chunk;
    }
    if (digest.digest('hex') !== section.sha256)
      throw refused(`section ${section.name} changed while it was read`);
  } finally {
    await bytes.close();
  }
}

const withBytes = async <T>(
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
