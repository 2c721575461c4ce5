import { loadKeyVersions } from './rotation/any-version.js';
import type { TenantKey } from './tenant-key.js';
import type { TenantKeys } from './tenant-keys.js';
import type { WrappedKeyStore } from './wrapped-key-store.js';

/** Runs `work` with a key that the caller got, and wipes it at the end of it, however that ends. */
export const usingKey = async <T>(
  opened: Promise<TenantKey>,
  work: (key: TenantKey) => T | Promise<T>,
): Promise<T> => {
  const key = await opened;
  try {
    return await work(key);
  } finally {
    key.wipe();
  }
};

/** As `usingKey`, with every version of a tenant's key, ascending. @throws RingfenceError as `loadKeyVersions`. */
export const usingKeyVersions = async <T>(
  keys: TenantKeys,
  store: WrappedKeyStore,
  tenantId: string,
  work: (versions: readonly TenantKey[]) => Promise<T>,
): Promise<T> => {
  const versions = await loadKeyVersions(keys, store, tenantId);
  try {
    return await work(versions);
  } finally {
    for (const key of versions) key.wipe();
  }
};
