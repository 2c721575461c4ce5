import { createHash, hkdfSync, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { refused } from './refused.js';
import type { ByteReader } from './source.js';

const MAGIC = Buffer.from('RINGBAK1', 'latin1');
const ALGORITHM = 'HKDF-SHA256+AES-256-GCM-STREAM+zstd';
const HEADER_MAX_BYTES = 4096;
const ARCHIVE_KEY_BYTES = 32;
const COMMITMENT_BYTES = 32;
export const SALT_BYTES = 32;
const CHUNK_MIN_BYTES = 16;
const CHUNK_MAX_BYTES = 16 * 1024 * 1024;

const uuid = z.string().regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
const schema = z.strictObject({
  tenantId: uuid,
  backupId: uuid,
  keyVersion: z.int().min(1).max(0xffffffff),
  createdAt: z.iso.datetime(),
  chunkBytes: z.int().min(CHUNK_MIN_BYTES).max(CHUNK_MAX_BYTES),
  algorithm: z.literal(ALGORITHM),
  salt: z.base64().refine((text) => Buffer.from(text, 'base64').length === SALT_BYTES),
});

/** The description of an archive in plain text. Proven only once the archive is open (docs/formats.md, archive). */
export type ArchiveHeader = Readonly<z.infer<typeof schema>>;

/** Keys of one archive. Header and salt take part, so that no other archive has them. */
export interface ArchiveKeys {
  readonly key: Buffer;
  readonly commitment: Buffer;
  /** SHA-256 of magic, length and header; additional data of every record. */
  readonly headerHash: Buffer;
}

/** Magic, length and header, as they stand at the start of an archive. */
export const encodeHeader = (header: Omit<ArchiveHeader, 'algorithm'>): Buffer => {
  const checked = schema.safeParse({ ...header, algorithm: ALGORITHM });
  if (!checked.success) throw refused('its header would be malformed', checked.error);
  const json = Buffer.from(JSON.stringify(checked.data));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(json.length);
  return Buffer.concat([MAGIC, length, json]);
};

/** Reads what `encodeHeader` wrote. `encoded` are the very bytes, for `deriveArchiveKeys`. */
export const readHeader = async (
  bytes: ByteReader,
): Promise<{ readonly header: ArchiveHeader; readonly encoded: Buffer }> => {
  const start = Buffer.from(await bytes.read(MAGIC.length + 4));
  if (!start.subarray(0, MAGIC.length).equals(MAGIC))
    throw refused('it is not a Ringfence archive, version 1');
  const length = start.readUInt32BE(MAGIC.length);
  if (length > HEADER_MAX_BYTES) throw refused('its header is too long');
  const json = Buffer.from(await bytes.read(length));
  try {
    return { header: schema.parse(JSON.parse(json.toString('utf8'))), encoded: Buffer.concat([start, json]) };
  } catch (error) {
    throw refused('its header is malformed', error);
  }
};

/** @param backupKey the tenant's derived key for `backup`, 32 bytes. */
export const deriveArchiveKeys = (
  backupKey: Buffer,
  header: Pick<ArchiveHeader, 'salt'>,
  encoded: Buffer,
): ArchiveKeys => {
  const headerHash = createHash('sha256').update(encoded).digest();
  const info = Buffer.concat([Buffer.from('ringfence/archive/v1'), headerHash]);
  const salt = Buffer.from(header.salt, 'base64');
  const okm = Buffer.from(hkdfSync('sha256', backupKey, salt, info, ARCHIVE_KEY_BYTES + COMMITMENT_BYTES));
  return { key: okm.subarray(0, ARCHIVE_KEY_BYTES), commitment: okm.subarray(ARCHIVE_KEY_BYTES), headerHash };
};

/** The expected archive. A missing field may have any value. */
export interface ExpectedArchive {
  readonly tenantId: string;
  readonly backupId?: string;
  readonly keyVersion?: number;
}

/**
 * Reads header and commitment; `bytes` then stand before the first record.
 *
 * @throws RingfenceError backup_refused when it is another archive than expected, altered, or of another key.
 */
export const openStart = async (
  bytes: ByteReader,
  backupKey: Buffer,
  expected: ExpectedArchive,
): Promise<{ readonly header: ArchiveHeader; readonly keys: ArchiveKeys }> => {
  const { header, encoded } = await readHeader(bytes);
  if (header.tenantId !== expected.tenantId) throw refused('it is another tenant’s');
  if (header.backupId !== (expected.backupId ?? header.backupId)) throw refused('it is another backup');
  if (header.keyVersion !== (expected.keyVersion ?? header.keyVersion))
    throw refused('it was made with another version of the key');
  const keys = deriveArchiveKeys(backupKey, header, encoded);
  if (!timingSafeEqual(await bytes.read(COMMITMENT_BYTES), keys.commitment))
    throw refused('its header was altered or it was made with another key');
  return { header, keys };
};
