import { createHash } from 'node:crypto';

const CHUNK_MAX_BYTES = 64 * 1024;

/** One number for each value of a byte. Any would do; other ones would only move the cuts. */
const GEAR = ((): Int32Array => {
  const hash = createHash('shake256', { outputLength: 256 * 4 })
    .update('ringfence/gear/v1')
    .digest();
  return Int32Array.from({ length: 256 }, (_, value) => hash.readInt32LE(value * 4));
})();

/**
 * Cuts bytes where their content says so (a gear hash over the last 32 bytes, as in FastCDC, Xia et al., USENIX ATC
 * 2016), so that after an insertion or a deletion the cuts fall on the same content again. Chunks have 16 KiB on
 * average, 12 to 64 KiB, and less where `limitBytes` is less; only what lies behind the first 12 is hashed. A chunk is
 * valid until the next one.
 */
export async function* contentChunks(
  source: AsyncIterable<Uint8Array>,
  limitBytes: number,
): AsyncGenerator<Buffer> {
  const maxBytes = Math.min(CHUNK_MAX_BYTES, limitBytes);
  const minBytes = 3 * (maxBytes >> 4);
  const shift = 32 - Math.floor(Math.log2(maxBytes >> 4));
  const chunk = Buffer.allocUnsafe(maxBytes);
  let filled = 0;
  let hash = 0;
  for await (const part of source) {
    for (let at = 0; at < part.length; ) {
      const end = Math.min(part.length, at + maxBytes - filled);
      let next = Math.min(end, at + Math.max(0, minBytes - filled));
      let cut = false;
      while (next < end && !cut) {
        hash = ((hash << 1) + (GEAR[part[next++] as number] as number)) | 0;
        cut = hash >>> shift === 0;
      }
      chunk.set(part.subarray(at, next), filled);
      filled += next - at;
      at = next;
      if (!cut && filled < maxBytes) continue;
      yield chunk.subarray(0, filled);
      filled = 0;
      hash = 0;
    }
  }
  if (filled > 0) yield chunk.subarray(0, filled);
}
