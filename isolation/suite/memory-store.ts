import { RingfenceError } from '../../core/errors.js';
import {
  assertObjectKey,
  type ObjectStore,
  type StoredObject,
} from '../../data-plane/objects/object-store.js';

/** Objects that exist as long as the run: where archives are tampered with. */
export const memoryStore = (): ObjectStore => {
  const objects = new Map<string, Buffer>();
  const stored = (key: string): StoredObject | undefined => {
    const found = objects.get(key);
    return found && { key, bytes: found.length, modifiedAt: new Date(0) };
  };
  return {
    name: 'memory',
    check: async () => undefined,
    put: async (key, source) => {
      assertObjectKey(key);
      const parts: Uint8Array[] = [];
      for await (const part of source) parts.push(Buffer.from(part));
      const whole = Buffer.concat(parts);
      objects.set(key, whole);
      return whole.length;
    },
    get: async (key, startByte = 0) => {
      assertObjectKey(key);
      const found = objects.get(key);
      if (found === undefined) throw new RingfenceError('backup_not_found', `there is no object ${key}`);
      return bytesFrom(found, startByte);
    },
    stat: async (key) => stored(key),
    async *list(prefix) {
      for (const key of [...objects.keys()].sort()) {
        const found = key.startsWith(prefix) ? stored(key) : undefined;
        if (found !== undefined) yield found;
      }
    },
    delete: async (key) => void objects.delete(key),
  };
};

async function* bytesFrom(bytes: Buffer, startByte: number): AsyncGenerator<Buffer> {
  if (startByte < bytes.length) yield bytes.subarray(startByte);
}
