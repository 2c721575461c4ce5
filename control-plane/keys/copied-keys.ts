import type pg from 'pg';
import { z } from 'zod';
import { type KeyCopy, keyCopyKey, listKeyCopies, putKeyCopy } from '../../data-plane/keys/key-copy.js';
import type { KeyWraps } from '../../data-plane/keys/key-wraps.js';
import type { WrappedKeyRecord, WrappedKeyStore } from '../../data-plane/keys/wrapped-key-store.js';
import type { ObjectStore } from '../../data-plane/objects/object-store.js';
import type { ObjectStores } from '../../stacks/protocol/provider/dependencies.js';
import { readRows } from '../project/read-rows.js';
import { keyWraps, wrappedKeys } from './store.js';

/**
 * Wrapped tenant keys in the control database, each with a copy beside the tenant's archives. A new key is handed out only
 * when its copy lies there, and a key counts as destroyed only when no copy is left.
 */
export const copiedKeys = (control: pg.Pool, objects: ObjectStores): WrappedKeyStore => {
  const keys = wrappedKeys(control);
  return {
    ...keys,
    put: async (record) => {
      const kept = await keys.put(record);
      const [home] = await cellsOf(control, kept.tenantId);
      if (isOpen(kept) && home) await putKeyCopy(objects.at(objects.place, home.cell), kept);
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

/** Wraps under the roots of further cells, each with its copy beside the archives of that cell, which its root opens then. */
export const copiedWraps = (control: pg.Pool, objects: ObjectStores): KeyWraps => {
  const wraps = keyWraps(control);
  return {
    ...wraps,
    put: async (wrap) => {
      await wraps.put(wrap);
      const { tenantId } = wrap;
      for (const { cell, rootKeyId } of await cellsOf(control, tenantId))
        if (rootKeyId === wrap.rootKeyId)
          await ensureKeyCopies(control, objects.at(objects.place, cell), { tenantId, rootKeyId });
    },
    replace: async (wrap) => {
      await wraps.replace(wrap);
      for (const store of await storesOf(control, objects, wrap.tenantId))
        for await (const copy of listKeyCopies(store, wrap.tenantId))
          if (copy.version === wrap.version && copy.rootKeyId === wrap.rootKeyId)
            await putKeyCopy(store, { ...copy, wrapped: wrap.wrapped });
    },
    drop: async (tenantId, rootKeyId) => {
      const versions = (await wrappedKeys(control).list(tenantId)).map(({ version }) => version);
      for (const { cell, rootKeyId: ofCell } of await cellsOf(control, tenantId))
        if (ofCell === rootKeyId)
          for (const version of versions)
            await objects.at(objects.place, cell).delete(keyCopyKey(tenantId, version));
      await wraps.drop(tenantId, rootKeyId);
    },
  };
};

/**
 * Puts the missing copies into one store, before archives go there.
 * @param of.rootKeyId is that of the archives' cell. A version without a wrap under it is copied as it is.
 */
export const ensureKeyCopies = async (
  control: pg.Pool,
  store: ObjectStore,
  { tenantId, rootKeyId }: { readonly tenantId: string; readonly rootKeyId: string },
): Promise<void> => {
  const wraps = await keyWraps(control).list(tenantId);
  for (const record of await wrappedKeys(control).list(tenantId)) {
    if (!isOpen(record) || (await store.stat(keyCopyKey(tenantId, record.version)))) continue;
    const own = wraps.find((wrap) => wrap.version === record.version && wrap.rootKeyId === rootKeyId);
    await putKeyCopy(store, own ? { ...record, ...own } : record);
  }
};

const isOpen = (record: WrappedKeyRecord): record is KeyCopy => record.wrapped !== null;

const cellSchema = z.object({ cell: z.string(), rootKeyId: z.string().nullable() });
type CellOfTenant = Readonly<z.infer<typeof cellSchema>>;

const storeSchema = z.object({ place: z.string(), cell: z.string() });

/** The cells that have something of the tenant, its home first. */
const cellsOf = async (control: pg.Pool, tenantId: string): Promise<CellOfTenant[]> => {
  const { rows } = await control.query(
    `SELECT p.cell, c.root_key_id AS "rootKeyId" FROM control.placements p JOIN control.cells c ON c.name = p.cell
        WHERE p.tenant_id = $1 AND p.state <> 'left' ORDER BY p.state = 'home' DESC, p.epoch`,
    [tenantId],
  );
  return readRows(cellSchema, 'control.placements', rows);
};

/** Every store that may hold copies of the tenant's keys: those of its present and former cells, and those of all its backups. */
const storesOf = async (
  control: pg.Pool,
  objects: ObjectStores,
  tenantId: string,
): Promise<ObjectStore[]> => {
  const { rows } = await control.query(
    `SELECT DISTINCT place, cell FROM control.backups WHERE tenant_id = $1
      UNION SELECT $2, cell FROM control.placements WHERE tenant_id = $1
      UNION SELECT $2, cell FROM control.backups WHERE tenant_id = $1`,
    [tenantId, objects.place],
  );
  return readRows(storeSchema, 'control.backups', rows).map(({ place, cell }) => objects.at(place, cell));
};
