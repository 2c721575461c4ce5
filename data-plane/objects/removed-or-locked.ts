import { RingfenceError } from '../../core/errors.js';
import type { ObjectStore } from './object-store.js';

/** Deletes an object. False when it is locked and so still there, for callers that come again later. */
export const removedOrLocked = async (store: ObjectStore, key: string): Promise<boolean> => {
  try {
    await store.delete(key);
    return true;
  } catch (error) {
    if (error instanceof RingfenceError && error.code === 'object_locked') return false;
    throw error;
  }
};
