import { randomUUID } from 'node:crypto';
import { RingfenceError } from '../../../core/errors.js';
import type { ObjectStore } from '../../../data-plane/objects/object-store.js';
import { readObject, writeObject } from '../../../data-plane/objects/whole-object.js';
import { DEFAULT_OBJECTS } from '../../../targets/index.js';
import { objectStores } from '../../project/object-stores.js';
import type { Check } from '../types.js';

/** No cell has this name, because names of cells start with a letter. */
const NO_CELL = '0';
const PROBE = Buffer.from('ringfence doctor');
const PROBE_MAX_BYTES = 1024 * 1024;

/** Says where backups go. Tries the operations of a backup on a bucket with a small object. */
export const checkObjects: Check = async ({ project, env }) => {
  const { place, lockDays, at } = objectStores(project, env);
  const store = at(place, NO_CELL);
  await store.check();
  const left = place === DEFAULT_OBJECTS ? '' : await tryObject(store);
  const lock = lockDays === undefined ? '' : `, each locked for ${lockDays} days`;
  const where =
    place === DEFAULT_OBJECTS ? `backups go to ${project.home}/objects` : `backups go to ${place}`;
  return {
    name: 'objects',
    status: 'ok',
    detail: `${where}${lock}${left}`,
    data: { place, lockDays: lockDays ?? null },
  };
};

/** Puts an object, reads it and removes it. @returns a remark; a bucket may lock the object. */
const tryObject = async (store: ObjectStore): Promise<string> => {
  const key = `doctor/${randomUUID()}`;
  await writeObject(store, key, PROBE);
  try {
    if (!(await readObject(store, key, PROBE_MAX_BYTES)).equals(PROBE)) {
      throw new RingfenceError(
        'object_store_unavailable',
        'the object store gives back other bytes than it got',
        {
          fix: 'take another store: a backup in this one cannot be restored',
        },
      );
    }
  } finally {
    await store.delete(key).catch((error: unknown) => {
      if (!isLocked(error)) throw error;
    });
  }
  return (await store.stat(key))
    ? `; the bucket locks ${key}, which doctor put there`
    : '; an object was put, read and removed';
};

const isLocked = (error: unknown): boolean =>
  error instanceof RingfenceError && error.code === 'object_locked';
