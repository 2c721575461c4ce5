import type { BaseArchives } from './base-archives.js';
import { decodePlace } from './chunk-place.js';
import { type ArchiveRecord, RECORD } from './records.js';
import { unzstdFrame } from './zstd.js';

/** The bytes of its section that a record stands for; undefined where it stands for none. */
export const recordData = async (
  { kind, content }: ArchiveRecord,
  chunkBytes: number,
  bases: BaseArchives,
): Promise<Buffer | undefined> => {
  if (kind === RECORD.data) return unzstdFrame(content, chunkBytes);
  return kind === RECORD.reference ? bases.read(decodePlace(content)) : undefined;
};
