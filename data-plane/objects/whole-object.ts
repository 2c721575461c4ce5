import { RingfenceError } from '../../core/errors.js';
import type { ObjectStore } from './object-store.js';

/** A small object, whole. @throws RingfenceError `backup_not_found`; `backup_refused` for one that is larger. */
export const readObject = async (store: ObjectStore, key: string, maxBytes: number): Promise<Buffer> => {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of await store.get(key)) {
    bytes += part.length;
    if (bytes > maxBytes) throw new RingfenceError('backup_refused', `the object ${key} is too large`);
    parts.push(part);
  }
  return Buffer.concat(parts);
};

export const writeObject = async (store: ObjectStore, key: string, bytes: Buffer): Promise<void> => {
  await store.put(key, only(bytes));
};

/** Bytes as a stream of one part. */
export async function* only(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}
