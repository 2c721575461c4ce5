import { listAllBackups, recordBackupExpired, recordBackupRemoved } from '../backups/store.js';
import type { Runtime } from '../runtime.js';
import { type OpenErasure, objectPrefix } from './subject.js';

interface FoundObject {
  readonly place: string;
  readonly cell: string;
  readonly key: string;
}

/** Every object of the tenant's backups, also those without a record and those whose record says that they went. */
export const listObjects = async (runtime: Runtime, erasure: OpenErasure): Promise<FoundObject[]> => {
  const { objects } = runtime.target;
  const found = new Map<string, FoundObject>();
  const add = (object: FoundObject) => found.set(Object.values(object).join(' '), object);
  const backups = await listAllBackups(runtime.control, erasure.tenantId);
  for (const { place, cell, objectKey: key } of backups)
    if (await objects.at(place, cell).stat(key)) add({ place, cell, key });
  const places = new Set([objects.place, ...backups.map(({ place }) => place)]);
  for (const place of places)
    for (const cell of erasure.cells)
      for await (const { key } of objects.at(place, cell).list(objectPrefix(erasure.tenantId)))
        add({ place, cell, key });
  return [...found.values()];
};

/**
 * Deletes them. Records stay, without content. A store with object lock refuses until the lock is over; then the erasure
 * goes on. So no lock is longer than ERASURE_PROMISE_DAYS (docs/threats.md 31).
 */
export const deleteObjects = async (runtime: Runtime, erasure: OpenErasure): Promise<void> => {
  const { control, target } = runtime;
  const backups = await listAllBackups(control, erasure.tenantId);
  for (const { id } of backups) await recordBackupExpired(control, id);
  for (const { place, cell, key } of await listObjects(runtime, erasure)) {
    await target.objects.at(place, cell).delete(key);
    runtime.reached('erased-object-deleted');
  }
  for (const { id } of backups) await recordBackupRemoved(control, id);
};
