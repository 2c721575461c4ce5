import { listAllBackups, recordBackupExpired, recordBackupRemoved } from '../registry/backups.js';
import type { Runtime } from '../runtime.js';
import { type OpenErasure, objectPrefix } from './subject.js';

interface FoundObject {
  readonly cell: string;
  readonly key: string;
}

/** Every object of the tenant's backups, those without a record and those whose record says that they went too. */
export const listObjects = async (runtime: Runtime, erasure: OpenErasure): Promise<FoundObject[]> => {
  const { control, target } = runtime;
  const found = new Map<string, FoundObject>();
  const add = (cell: string, key: string) => found.set(`${cell} ${key}`, { cell, key });
  for (const { cell, objectKey } of await listAllBackups(control, erasure.tenantId))
    if (await target.objects(cell).stat(objectKey)) add(cell, objectKey);
  for (const cell of erasure.cells)
    for await (const { key } of target.objects(cell).list(objectPrefix(erasure.tenantId))) add(cell, key);
  return [...found.values()];
};

/**
 * Deletes them. Records stay, without content. A store that locks objects refuses here until the lock is over, and the
 * erasure goes on then; so it locks nothing for longer than ERASURE_PROMISE_DAYS (promise.ts, isolation.md 31).
 */
export const deleteObjects = async (runtime: Runtime, erasure: OpenErasure): Promise<void> => {
  const { control, target } = runtime;
  const backups = await listAllBackups(control, erasure.tenantId);
  for (const { id } of backups) await recordBackupExpired(control, id);
  for (const { cell, key } of await listObjects(runtime, erasure)) {
    await target.objects(cell).delete(key);
    runtime.reached('erased-object-deleted');
  }
  for (const { id } of backups) await recordBackupRemoved(control, id);
};
