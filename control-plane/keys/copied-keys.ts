import type pg from 'pg';
import { type KeyCopy, keyCopyKey, putKeyCopy } from '../../data-plane/keys/key-copy.js';
import type { WrappedKeyRecord, WrappedKeyStore } from '../../data-plane/keys/wrapped-key-store.js';
import type { ObjectStore } from '../../data-plane/objects/object-store.js';
import type { ObjectStores } from '../../stacks/protocol/provider/dependencies.js';
import { wrappedKeys } from './store.js';

/**
 * Wrapped tenant keys in the control database, each with a copy beside the tenant's archives: a key that nothing is sealed under
 * yet is not handed out before its copy lies there, and none counts as destroyed while a copy is left.
 */
export const copiedKeys = (control: pg.Pool, objects: ObjectStores): WrappedKeyStore => {
  const keys = wrappedKeys(control);
  return {
    ...keys,
    put: async (record) => {
      const kept = await keys.put(record);
      const cell = await cellOf(control, kept.tenantId);
      if (isOpen(kept) && cell !== undefined) await putKeyCopy(objects.at(objects.place, cell), kept);
      return kept;
    },
    markDestroyed: async (tenantId, destroyedAt, version) => {
      const versions = (await keys.list(tenantId)).map((record) => record.version);
      const doomed = version === undefined ? versions : [version];
      for (const store of await storesOf(control, objects, tenantId))
        for (const one of doomed) await store.delete(keyCopyKey(tenantId, one));
      await keys.markDestroyed(tenantId, destroyedAt, version);
    },
  };
};

/** Puts the copies that lack in one store; for archives that are about to lie there. */
export const ensureKeyCopies = async (
  control: pg.Pool,
  store: ObjectStore,
  tenantId: string,
): Promise<void> => {
  for (const record of await wrappedKeys(control).list(tenantId)) {
    if (!isOpen(record) || (await store.stat(keyCopyKey(tenantId, record.version)))) continue;
    await putKeyCopy(store, record);
  }
};

const isOpen = (record: WrappedKeyRecord): record is KeyCopy => record.wrapped !== null;

const cellOf = async (control: pg.Pool, tenantId: string): Promise<string | undefined> =>
  (await control.query<{ cell: string }>('SELECT cell FROM control.tenants WHERE id = $1', [tenantId]))
    .rows[0]?.cell;

/** Every store that may hold copies of the tenant's keys: where it lives, and where it ever had a backup. */
const storesOf = async (
  control: pg.Pool,
  objects: ObjectStores,
  tenantId: string,
): Promise<ObjectStore[]> => {
  const { rows } = await control.query<{ place: string; cell: string }>(
    `SELECT DISTINCT place, cell FROM control.backups WHERE tenant_id = $1
      UNION SELECT $2, cell FROM control.tenants WHERE id = $1
      UNION SELECT $2, cell FROM control.backups WHERE tenant_id = $1`,
    [tenantId, objects.place],
  );
  return rows.map(({ place, cell }) => objects.at(place, cell));
};
