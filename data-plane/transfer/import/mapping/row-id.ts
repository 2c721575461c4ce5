import { createHash } from 'node:crypto';

/** Namespace of the ids of rows that are imported from CSV. Changing it would double what is imported again. */
const NAMESPACE = Buffer.from('3f6d1c52a1ab4a0c9d5be04d6f7f2b11', 'hex');

/**
 * The id of a row that its own system knows by these texts: UUID version 5 (RFC 9562) of the clinic, the table and the
 * texts as JSON. The same row has the same id in every run, and other files refer to it by the same texts.
 */
export const rowIdOf = (clinicId: string, table: string, texts: readonly string[]): string => {
  const bytes = createHash('sha1')
    .update(NAMESPACE)
    .update(JSON.stringify([clinicId, table, ...texts]))
    .digest()
    .subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
};
