import type { ObjectStore } from '../objects/object-store.js';
import { type KeyCopy, keyCopyKey, listKeyCopies, putKeyCopy } from './key-copy.js';
import type { WrappedKeyStore } from './wrapped-key-store.js';

/** Wrapped keys as objects, and nowhere else: for a key whose bytes must outlive the control database. */
export const objectKeyStore = (store: ObjectStore): WrappedKeyStore => {
  const list = async (tenantId: string): Promise<KeyCopy[]> => {
    const found: KeyCopy[] = [];
    for await (const copy of listKeyCopies(store, tenantId)) found.push(copy);
    return found.sort((a, b) => a.version - b.version);
  };
  const get: WrappedKeyStore['get'] = async (tenantId, version) =>
    (await list(tenantId)).filter((copy) => version === undefined || copy.version === version).at(-1);
  return {
    list,
    get,
    put: async (record) => {
      const known = await get(record.tenantId, record.version);
      if (known) return known;
      if (record.wrapped !== null) await putKeyCopy(store, { ...record, wrapped: record.wrapped });
      return record;
    },
    markDestroyed: async (tenantId, _at, version) => {
      for (const copy of await list(tenantId))
        if (version === undefined || copy.version === version)
          await store.delete(keyCopyKey(tenantId, copy.version));
    },
  };
};
