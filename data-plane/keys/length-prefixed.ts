/** A whole number as 4 bytes, big-endian. */
export const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/**
 * Joins parts so that two different lists never give the same bytes: each part is preceded by its length in bytes
 * as 16 bits, big-endian (`LP` of docs/formats.md). A part has at most 65,535 bytes.
 */
export const lengthPrefixed = (parts: readonly (string | Buffer)[]): Buffer =>
  Buffer.concat(
    parts.flatMap((part) => {
      const bytes = typeof part === 'string' ? Buffer.from(part, 'utf8') : part;
      const length = Buffer.alloc(2);
      length.writeUInt16BE(bytes.length);
      return [length, bytes];
    }),
  );
