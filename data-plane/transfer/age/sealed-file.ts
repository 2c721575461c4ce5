import { createDecipheriv, hkdfSync } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { Decrypter } from 'age-encryption';

/** Reads an age file (age-encryption.org/v1) from any place, so that no decrypted byte has to lie on a disk. */
export interface SealedFile {
  /** Of what is sealed. */
  readonly bytes: number;
  /**
   * What is sealed, from byte `start` up to `end`. Nothing is returned before its chunk is authenticated.
   * @throws Error for a damaged chunk.
   */
  read(start: number, end: number): AsyncIterable<Buffer>;
  close(): Promise<void>;
}

const INTRO = 'age-encryption.org/v1\n';
const HEADER_MAX_BYTES = 256 * 1024;
const NONCE_BYTES = 16;
const CHUNK_BYTES = 64 * 1024;
const TAG_BYTES = 16;
const SEALED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES;

/** Whether a file begins as binary age files do. */
export const isSealedFile = (path: string): boolean => {
  const start = Buffer.alloc(INTRO.length);
  const file = openSync(path, 'r');
  try {
    readSync(file, start, 0, start.length, 0);
  } finally {
    closeSync(file);
  }
  return start.toString('latin1') === INTRO;
};

/**
 * Opens the header, and the last chunk, which tells that none is missing at the end.
 *
 * @throws Error for a file that none of the identities opens, or that is damaged or cut short.
 */
export const openSealedFile = async (path: string, identities: Decrypter): Promise<SealedFile> => {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const start = await readAt(file, 0, Math.min(size, HEADER_MAX_BYTES));
    const headerBytes = endOfHeader(start);
    const fileKey = await identities.decryptHeader(start.subarray(0, headerBytes));
    const nonce = await readAt(file, headerBytes, NONCE_BYTES);
    const key = Buffer.from(hkdfSync('sha256', fileKey, nonce, 'payload', 32));
    const payload = { file, key, startByte: headerBytes + NONCE_BYTES, ...chunksOf(size - headerBytes) };
    const chunks = cachedChunks(payload);
    await chunks(payload.count - 1);
    return {
      bytes: payload.bytes,
      read: (from, to) => range(chunks, from, to),
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
};

interface Payload {
  readonly file: FileHandle;
  readonly key: Buffer;
  readonly startByte: number;
  /** Of what is sealed. */
  readonly bytes: number;
  readonly count: number;
}

/** The header ends with the line of its MAC. */
const endOfHeader = (start: Buffer): number => {
  const mac = start.indexOf('\n--- ');
  const end = mac < 0 ? -1 : start.indexOf('\n', mac + 1);
  if (end < 0) throw new Error(`no end of the header in ${start.length} bytes`);
  return end + 1;
};

/** Every chunk is full but the last, which is empty only where nothing is sealed. */
const chunksOf = (withNonceBytes: number): Pick<Payload, 'bytes' | 'count'> => {
  const sealedBytes = withNonceBytes - NONCE_BYTES;
  const count = Math.ceil(sealedBytes / SEALED_CHUNK_BYTES);
  const lastBytes = sealedBytes - (count - 1) * SEALED_CHUNK_BYTES - TAG_BYTES;
  if (count < 1 || lastBytes < 0 || (lastBytes === 0 && count > 1)) throw new Error('it is cut short');
  return { bytes: (count - 1) * CHUNK_BYTES + lastBytes, count };
};

type Chunks = (index: number) => Promise<Buffer>;

/** The directory of a zip is read in steps of a few bytes. */
const cachedChunks = (payload: Payload): Chunks => {
  let known: { readonly index: number; readonly chunk: Promise<Buffer> } | undefined;
  return (index) => {
    if (known?.index !== index) known = { index, chunk: openChunk(payload, index) };
    return known.chunk;
  };
};

const openChunk = async ({ file, key, startByte, bytes, count }: Payload, index: number): Promise<Buffer> => {
  const length = Math.min(CHUNK_BYTES, bytes - index * CHUNK_BYTES);
  const sealed = await readAt(file, startByte + index * SEALED_CHUNK_BYTES, length + TAG_BYTES);
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(index, 5, 6);
  nonce.writeUInt8(index === count - 1 ? 1 : 0, 11);
  const decipher = createDecipheriv('chacha20-poly1305', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(sealed.subarray(length));
  const chunk = decipher.update(sealed.subarray(0, length));
  try {
    decipher.final();
  } catch (cause) {
    chunk.fill(0);
    throw new Error(`its part ${index + 1} of ${count} was changed or is not whole`, { cause });
  }
  return chunk;
};

async function* range(chunks: Chunks, start: number, end: number): AsyncGenerator<Buffer> {
  for (let index = Math.floor(start / CHUNK_BYTES); index * CHUNK_BYTES < end; index += 1) {
    const first = index * CHUNK_BYTES;
    const chunk = await chunks(index);
    yield chunk.subarray(Math.max(0, start - first), end - first);
  }
}

const readAt = async (file: FileHandle, position: number, length: number): Promise<Buffer> => {
  const buffer = Buffer.alloc(length);
  let read = 0;
  while (read < length) {
    const { bytesRead } = await file.read(buffer, read, length - read, position + read);
    if (bytesRead === 0) throw new Error('it is cut short');
    read += bytesRead;
  }
  return buffer;
};
