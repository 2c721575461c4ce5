import { join } from 'node:path';
import { storedArchive } from '../../../data-plane/backup/archive/in-store.js';
import { assertArchiveKey, readArchiveHeader } from '../../../data-plane/backup/archive/reader.js';
import { deriveKey } from '../../../data-plane/keys/derive-key.js';
import { localKeyring } from '../../../data-plane/keys/local-keyring.js';
import { objectKeyStore } from '../../../data-plane/keys/object-key-store.js';
import { tenantKeys } from '../../../data-plane/keys/tenant-keys.js';
import type { ObjectStore } from '../../../data-plane/objects/object-store.js';
import { objectStores } from '../../deployment/object-stores.js';
import { type FoundArchive, type FoundKeyCopy, findArchives } from '../../recovery/found-archives.js';
import type { Check } from '../types.js';

/**
 * Whether keyring and objects belong together: opens, for each root key that wrapped keys name, one of them, and with it the
 * beginning of an archive. What a lost or another keyring would do to a restore shows here.
 */
export const checkKeys: Check = async ({ project, env }) => {
  const objects = objectStores(project, env);
  const { archives, keyCopies } = await findArchives(objects, objects.place);
  const root = localKeyring(join(project.home, 'keyring'));
  const roots = [...new Set(keyCopies.map(({ rootKeyId }) => rootKeyId))];
  let opened = 0;
  for (const rootKeyId of roots) {
    const copies = keyCopies
      .filter((copy) => copy.rootKeyId === rootKeyId)
      .sort((a, b) => b.version - a.version);
    const archiveOf = (copy: FoundKeyCopy) =>
      archives.filter(({ tenantId }) => tenantId === copy.tenantId).at(-1);
    const copy = copies.find(archiveOf) ?? copies[0];
    if (copy && (await opens(root, objects.at(objects.place, copy.cell), copy, archiveOf(copy)))) opened++;
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

/** @returns whether there was an archive to open, made with this version of the key. */
const opens = async (
  root: ReturnType<typeof localKeyring>,
  store: ObjectStore,
  { tenantId, version }: FoundKeyCopy,
  archive: FoundArchive | undefined,
): Promise<boolean> => {
  const keys = tenantKeys({ root, store: objectKeyStore(store) });
  const key = await keys.load(tenantId, version);
  try {
    if (!archive) return false;
    const { backupId, objectKey } = archive;
    const source = storedArchive(store, objectKey);
    if ((await readArchiveHeader(source)).keyVersion !== version) return false;
    await assertArchiveKey(source, deriveKey(key, { purpose: 'backup' }), { tenantId, backupId });
    return true;
  } finally {
    key.wipe();
    keys.close();
  }
};
