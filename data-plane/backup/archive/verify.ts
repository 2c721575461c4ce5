import { createHash, type Hash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { type BaseArchives, recordData } from './base-archives.js';
import { decodeIndex } from './chunk-place.js';
import type { ArchiveKeys } from './header.js';
import {
  type ArchiveManifest,
  assertSectionName,
  decodeManifest,
  type IndexRecordPlace,
} from './manifest.js';
import { openRecords, RECORD } from './records.js';
import { refused } from './refused.js';
import type { ByteReader } from './source.js';

/** The position of a section's first record. */
export interface SectionPlace {
  readonly startByte: number;
  readonly index: number;
}

/** The figures of a section that was read, to compare with the manifest. */
interface SectionRead extends SectionPlace {
  readonly digest: Hash;
  bytes: number;
}

/**
 * Reads every record to the end and compares it with the manifest. `bytes` stands behind the commitment.
 *
 * @throws RingfenceError backup_refused
 */
export const verifyRecords = async (
  bytes: ByteReader,
  keys: ArchiveKeys,
  chunkBytes: number,
  bases: BaseArchives,
): Promise<{ readonly manifest: ArchiveManifest; readonly places: ReadonlyMap<string, SectionPlace> }> => {
  const sections = new Map<string, SectionRead>();
  const indexed: IndexRecordPlace[] = [];
  let current: ({ readonly name: string } & SectionRead) | undefined;
  for await (const record of openRecords(bytes, keys, chunkBytes, 0)) {
    const { kind, content, last, index, startByte } = record;
    if (last !== (kind === RECORD.manifest)) throw refused('its manifest is not its end');
    if (kind === RECORD.manifest) {
      const manifest = decodeManifest(content);
      compare(manifest, sections);
      if (!isDeepStrictEqual(manifest.chunkIndex ?? [], indexed)) throw refused('its index is elsewhere');
      return { manifest, places: sections };
    }
    if (kind === RECORD.section) {
      const name = content.toString('utf8');
      assertSectionName(name, sections);
      current = { name, startByte, index, digest: createHash('sha256'), bytes: 0 };
      sections.set(name, current);
      continue;
    }
    if (current === undefined) throw refused('a record is of an unknown kind');
    const data = await recordData(record, chunkBytes, bases);
    if (data) {
      current.digest.update(data);
      current.bytes += data.length;
    } else if (kind === RECORD.index) {
      decodeIndex(content);
      indexed.push({ section: current.name, startByte, record: index });
    } else throw refused('a record is of an unknown kind');
  }
  throw refused('it has no manifest');
};

const compare = (manifest: ArchiveManifest, sections: ReadonlyMap<string, SectionRead>): void => {
  const names = [...sections.keys()];
  if (manifest.sections.length !== names.length) throw refused('its manifest names other sections');
  manifest.sections.forEach(({ name, bytes, sha256 }, position) => {
    const read = sections.get(name);
    if (name !== names[position] || read === undefined) throw refused('its manifest names other sections');
    if (read.bytes !== bytes) throw refused(`section ${name} has not the size that its manifest says`);
    if (read.digest.digest('hex') !== sha256)
      throw refused(`section ${name} has not the digest of its manifest`);
  });
};
