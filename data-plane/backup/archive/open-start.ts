import { timingSafeEqual } from 'node:crypto';
import type { ByteReader } from './byte-reader.js';
import {
  type ArchiveHeader,
  type ArchiveKeys,
  COMMITMENT_BYTES,
  deriveArchiveKeys,
  readHeader,
} from './header.js';
import { refused } from './refused.js';

/** Which archive is meant. What is left out may be anything. */
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
