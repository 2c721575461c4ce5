import { storedArchive } from '../../../data-plane/backup/archive/in-store.js';
import { assertArchiveKey, readArchiveHeader } from '../../../data-plane/backup/archive/reader.js';
import { deriveKey } from '../../../data-plane/keys/derive-key.js';
import type { KeyRoot } from '../../../data-plane/keys/key-root.js';
import { objectKeyStore } from '../../../data-plane/keys/object-key-store.js';
import { tenantKeys } from '../../../data-plane/keys/tenant-keys.js';
import type { ObjectStore } from '../../../data-plane/objects/object-store.js';
import { everyKeyRoot } from '../../../targets/index.js';
import { objectStores } from '../../project/object-stores.js';
import { type FoundArchive, findArchives } from '../../recovery/found-archives.js';
import type { Check } from '../types.js';

/**
 * Checks that keyring and objects belong together. Opens one wrapped key of each root key, and with it the beginning of an
 * archive. Finds a lost or foreign keyring before a restore does.
 */
export const checkKeys: Check = async ({ project, env }) => {
  const objects = objectStores(project, env);
  const { archives, keyCopies } = await findArchives(objects, objects.place);
  const root = everyKeyRoot({ home: project.home, env, reached: () => undefined, say: () => undefined });
  const roots = [...new Set(keyCopies.map(({ rootKeyId }) => rootKeyId))];
  let opened = 0;
  for (const rootKeyId of roots) {
    const copies = keyCopies.filter((copy) => copy.rootKeyId === rootKeyId);
    const archive = archives
      .filter(({ tenantId }) => copies.some((copy) => copy.tenantId === tenantId))
      .at(-1);
    const [copy] = copies;
    if (archive) await openArchive(root, objects.at(archive.place, archive.cell), archive);
    else if (copy) await openKey(root, objects.at(objects.place, copy.cell), copy.tenantId, copy.version);
    if (archive) opened++;
  }
  return {
    name: 'keys',
    status: 'ok',
    detail:
      roots.length === 0
        ? 'no tenant has a key yet'
        : `${roots.length} root keys open the keys of their tenants, and ${opened} archives`,
    data: { roots: roots.length, archives: opened },
  };
};

const openArchive = async (root: KeyRoot, store: ObjectStore, archive: FoundArchive): Promise<void> => {
  const { tenantId, backupId, objectKey } = archive;
  const source = storedArchive(store, objectKey);
  const { keyVersion } = await readArchiveHeader(source);
  const key = await openKey(root, store, tenantId, keyVersion);
  await assertArchiveKey(source, key, { tenantId, backupId });
};

/** @returns what archives of the tenant are made with. */
const openKey = async (
  root: KeyRoot,
  store: ObjectStore,
  tenantId: string,
  version: number,
): Promise<Buffer> => {
  const keys = tenantKeys({ root, store: objectKeyStore(store) });
  const key = await keys.load(tenantId, version);
  const backupKey = deriveKey(key, { purpose: 'backup' });
  key.wipe();
  keys.close();
  return backupKey;
};
