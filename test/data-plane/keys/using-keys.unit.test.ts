import { describe, expect, it } from 'vitest';
import { loadKeyVersions } from '../../../data-plane/keys/rotation/any-version.js';
import type { TenantKey } from '../../../data-plane/keys/tenant-key.js';
import type { TenantKeys } from '../../../data-plane/keys/tenant-keys.js';
import { usingKey, usingKeyVersions } from '../../../data-plane/keys/using-keys.js';
import { memoryWrappedKeyStore } from './memory-wrapped-key-store.js';
import { sampleTenantKey, TENANT_A } from './samples.js';

const isWiped = (key: TenantKey): boolean => {
  try {
    key.copy();
    return false;
  } catch {
    return true;
  }
};
const failing = async (): Promise<never> => {
  throw new Error('work failed');
};

/** Two versions, of which the second opens or not; `given` are the copies that were handed out. */
const scene = async (secondOpens: boolean) => {
  const store = memoryWrappedKeyStore();
  for (const version of [1, 2])
    await store.put({
      tenantId: TENANT_A,
      version,
      rootKeyId: 'root',
      wrapped: Buffer.alloc(1),
      createdAt: new Date(0),
      destroyedAt: null,
    });
  const given: TenantKey[] = [];
  const load: TenantKeys['load'] = async (tenantId, version) => {
    if (version === 2 && !secondOpens) throw new Error('root key gone');
    const key = sampleTenantKey(tenantId, version);
    given.push(key);
    return key;
  };
  return { keys: { load } as TenantKeys, store, given };
};

describe('copies of keys', () => {
  it('are open during the work, and wiped when it is done or fails', async () => {
    const key = sampleTenantKey();
    expect(await usingKey(Promise.resolve(key), isWiped)).toBe(false);
    expect(isWiped(key)).toBe(true);
    const another = sampleTenantKey();
    await expect(usingKey(Promise.resolve(another), failing)).rejects.toThrow('work failed');
    expect(isWiped(another)).toBe(true);
  });

  it('of all versions too', async () => {
    const { keys, store, given } = await scene(true);
    await expect(usingKeyVersions(keys, store, TENANT_A, failing)).rejects.toThrow('work failed');
    expect(given.map(isWiped)).toEqual([true, true]);
  });

  it('are wiped when another version does not open', async () => {
    const { keys, store, given } = await scene(false);
    await expect(loadKeyVersions(keys, store, TENANT_A)).rejects.toThrow('root key gone');
    expect(given.map(isWiped)).toEqual([true]);
  });
});
