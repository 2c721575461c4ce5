import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { ArchiveKeys } from './header.js';
import { MANIFEST_MAX_BYTES } from './manifest.js';
import { refused } from './refused.js';
import type { ByteReader } from './source.js';

/** The kind of a record's content; its first byte. */
export const RECORD = { section: 1, data: 2, manifest: 3, reference: 4, index: 5 } as const;

const LENGTH_BYTES = 4;
const TAG_BYTES = 16;
const RECORDS_MAX = 2 ** 32;

/** An opened record, and where it stands. */
export interface ArchiveRecord {
  readonly kind: number;
  readonly content: Buffer;
  readonly last: boolean;
  /** Counted from 0. */
  readonly index: number;
  /** Of its length field, from the start of the stream that it was read from. */
  readonly startByte: number;
}

/** A record as it stands in the archive: length, encrypted kind and content, tag. */
export const sealRecord = (
  keys: ArchiveKeys,
  record: {
    readonly kind: number;
    readonly content: Uint8Array;
    readonly last: boolean;
    readonly index: number;
  },
): Buffer => {
  if (record.index >= RECORDS_MAX) throw refused('it would have more than 2^32 records');
  const cipher = createCipheriv('aes-256-gcm', keys.key, ivOf(record.index, record.last), {
    authTagLength: TAG_BYTES,
  });
  cipher.setAAD(keys.headerHash);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(1 + record.content.length + TAG_BYTES);
  const kind = cipher.update(Buffer.from([record.kind]));
  const content = cipher.update(record.content);
  cipher.final();
  return Buffer.concat([length, kind, content, cipher.getAuthTag()]);
};

/**
 * Opens records from where `bytes` stands to the end. Only the record at the very end opens as the last one, so a
 * stream that was cut, extended, reordered or spliced is refused there.
 */
export async function* openRecords(
  bytes: ByteReader,
  keys: ArchiveKeys,
  chunkBytes: number,
  firstIndex: number,
): AsyncGenerator<ArchiveRecord> {
  for (let index = firstIndex; index < RECORDS_MAX; index++) {
    const record = await openRecord(bytes, keys, chunkBytes, index);
    yield record;
    if (record.last) return;
  }
  throw refused('it has more than 2^32 records');
}

/** Opens the record where `bytes` stands; as the last one when nothing follows it. */
export const openRecord = async (
  bytes: ByteReader,
  keys: ArchiveKeys,
  chunkBytes: number,
  index: number,
): Promise<ArchiveRecord> => {
  const maxBytes = Math.max(MANIFEST_MAX_BYTES, compressedMaxBytes(chunkBytes)) + 1 + TAG_BYTES;
  const startByte = bytes.offset;
  const length = (await bytes.read(LENGTH_BYTES)).readUInt32BE();
  if (length < 1 + TAG_BYTES || length > maxBytes) throw refused('a record has an impossible length');
  const sealed = await bytes.read(length);
  const last = await bytes.atEnd();
  const opened = openSealed(keys, sealed, ivOf(index, last));
  return { kind: opened.readUInt8(0), content: opened.subarray(1), last, index, startByte };
};

const openSealed = (keys: ArchiveKeys, sealed: Buffer, iv: Buffer): Buffer => {
  const decipher = createDecipheriv('aes-256-gcm', keys.key, iv, { authTagLength: TAG_BYTES });
  decipher.setAAD(keys.headerHash);
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  const opened = decipher.update(sealed.subarray(0, -TAG_BYTES));
  try {
    decipher.final();
    return opened;
  } catch {
    opened.fill(0);
    throw refused('a record was altered, moved, or is the last one and should not be');
  }
};

const ivOf = (index: number, last: boolean): Buffer => {
  const iv = Buffer.alloc(12);
  iv.writeUInt32BE(index, 7);
  iv.writeUInt8(last ? 1 : 0, 11);
  return iv;
};

/** Room for incompressible data: ZSTD_compressBound is n + n/256 + 64 at most. */
const compressedMaxBytes = (contentBytes: number): number => contentBytes + (contentBytes >> 8) + 128;
