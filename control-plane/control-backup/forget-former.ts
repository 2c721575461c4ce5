import { listGenerations } from '../../data-plane/backup/offsite/generations.js';
import type { ObjectStore } from '../../data-plane/objects/object-store.js';

/**
 * Removes the backups of a control database that is on this machine no more, once its window is over: keys that were destroyed since
 * are in them. @returns how many objects.
 */
export const forgetFormer = async (store: ObjectStore, limit: Date): Promise<number> => {
  const files = (await listGenerations(store)).flatMap((generation) => generation.files);
  if (files.some(({ at }) => at >= limit)) return 0;
  for (const { key } of files) await store.delete(key);
  return files.length;
};
