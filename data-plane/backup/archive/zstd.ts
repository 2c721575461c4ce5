import { compress, decompress, init } from '@bokuweb/zstd-wasm';
import { refused } from './refused.js';

const MAGIC = 0xfd2fb528;
const DICTIONARY_ID_BYTES = [0, 1, 2, 4] as const;

let ready: Promise<void> | undefined;

/** Loads the codec, once per process. `zstdFrame` and `unzstdFrame` need it. */
export const zstdReady = (): Promise<void> => {
  ready ??= init();
  return ready;
};

/** One frame that says how large its content is. */
export const zstdFrame = (content: Buffer, level: number): Uint8Array => compress(content, level);

/**
 * The content of one frame.
 *
 * @throws RingfenceError backup_refused, before any memory is taken, when the frame does not say how large its content
 *   is or says more than `maxBytes`; also when it is damaged or holds anything else than it says.
 */
export const unzstdFrame = (frame: Buffer, maxBytes: number): Buffer => {
  const bytes = contentBytes(frame);
  if (bytes < 1 || bytes > maxBytes) throw refused('a chunk would unpack to more than it may');
  let content: Uint8Array;
  try {
    content = decompress(frame);
  } catch (error) {
    throw refused('a chunk does not unpack', error);
  }
  if (content.length !== bytes) throw refused('a chunk does not unpack to its size');
  return Buffer.from(content.buffer, content.byteOffset, content.length);
};

/** Frame_Content_Size of RFC 8878, 3.1.1.1; 0 when absent. */
const contentBytes = (frame: Buffer): number => {
  if (frame.length < 6) return 0;
  if (frame.readUInt32LE(0) !== MAGIC) return 0;
  const descriptor = frame.readUInt8(4);
  const singleSegment = (descriptor & 0x20) !== 0;
  const dictionaryIdBytes = DICTIONARY_ID_BYTES[descriptor & 3] ?? 0;
  const at = 5 + (singleSegment ? 0 : 1) + dictionaryIdBytes;
  const sizeBytes = [singleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  if (frame.length < at + sizeBytes) return 0;
  if (sizeBytes === 0) return 0;
  if (sizeBytes === 1) return frame.readUInt8(at);
  if (sizeBytes === 2) return frame.readUInt16LE(at) + 256;
  return sizeBytes === 4 ? frame.readUInt32LE(at) : Number(frame.readBigUInt64LE(at));
};
