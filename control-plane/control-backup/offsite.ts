import type { OffsiteStore } from '../../data-plane/backup/offsite/sealed-object.js';
import { deriveKey } from '../../data-plane/keys/derive-key.js';
import { listKeyCopies } from '../../data-plane/keys/key-copy.js';
import type { KeyRoot } from '../../data-plane/keys/key-root.js';
import { objectKeyStore } from '../../data-plane/keys/object-key-store.js';
import type { TenantKey } from '../../data-plane/keys/tenant-key.js';
import { tenantKeys } from '../../data-plane/keys/tenant-keys.js';
import type { ObjectStore } from '../../data-plane/objects/object-store.js';
import type { ObjectStores } from '../../stacks/protocol/provider/dependencies.js';
import { CONTROL } from '../project/control-database.js';

/** The objects with the backups of the control database, and the root key that seals them. */
export interface ControlKeeping {
  readonly keyRoot: KeyRoot;
  readonly objects: ObjectStores;
}

export const controlStore = ({ place, at }: ObjectStores): ObjectStore => at(place, CONTROL);

/** Makes root and key with the first backup. The caller holds the lock of the control database's history. */
export const beginOffsite = async (keeping: ControlKeeping, projectId: string): Promise<OffsiteStore> => {
  const store = controlStore(keeping.objects);
  const keys = tenantKeys({ root: keeping.keyRoot, store: objectKeyStore(store) });
  const isFirst = (await projectsIn(store)).length === 0;
  const rootKeyId = await keeping.keyRoot.ensureRoot(CONTROL, { mayCreate: isFirst });
  return withKey(store, await keys.create(projectId, rootKeyId));
};

/** @throws RingfenceError `keyring_missing`, `keyring_invalid`, `key_not_found`. */
export const openOffsite = async (keeping: ControlKeeping, projectId: string): Promise<OffsiteStore> => {
  const store = controlStore(keeping.objects);
  const keys = tenantKeys({ root: keeping.keyRoot, store: objectKeyStore(store) });
  return withKey(store, await keys.load(projectId));
};

/** The projects with control backups in a store: one, unless two projects share a place. */
export const projectsIn = async (store: ObjectStore): Promise<string[]> => {
  const ids = new Set<string>();
  for await (const { tenantId } of listKeyCopies(store)) ids.add(tenantId);
  return [...ids];
};

const withKey = (store: ObjectStore, key: TenantKey): OffsiteStore => {
  const { tenantId: ownerId, version: keyVersion } = key;
  const offsite = { store, ownerId, keyVersion, key: deriveKey(key, { purpose: 'backup' }) };
  key.wipe();
  return offsite;
};
