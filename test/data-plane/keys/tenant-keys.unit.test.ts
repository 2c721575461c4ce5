import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { RingfenceError } from '../../../core/errors.js';
import { deriveKey } from '../../../data-plane/keys/derive-key.js';
import type { KeyRoot } from '../../../data-plane/keys/key-root.js';
import { localKeyring } from '../../../data-plane/keys/local-keyring.js';
import { type TenantKeys, tenantKeys } from '../../../data-plane/keys/tenant-keys.js';
import { memoryWrappedKeyStore } from './memory-wrapped-key-store.js';
import { TENANT_A, TENANT_B } from './samples.js';

const folder = await mkdtemp(join(tmpdir(), 'ringfence-tenant-keys-'));
afterAll(() => rm(folder, { recursive: true }));

let root: KeyRoot;
let rootKeyId: string;
let store: ReturnType<typeof memoryWrappedKeyStore>;
let nowMs: number;
let keys: TenantKeys;
const open = (options: { cacheMaxKeys?: number } = {}): TenantKeys =>
  tenantKeys({ root, store, now: () => new Date(nowMs), cacheTtlMs: 1_000, ...options });
const backupKey = async (from: TenantKeys, tenantId = TENANT_A, version?: number): Promise<string> =>
  deriveKey(await from.load(tenantId, version), { purpose: 'backup' }).toString('hex');

beforeEach(async () => {
  root = localKeyring(folder);
  rootKeyId = await root.ensureRoot('eu-1', { mayCreate: true });
  store = memoryWrappedKeyStore();
  nowMs = Date.UTC(2026, 10, 21);
  keys = open();
});

describe('Tenant keys', () => {
  it('are made once, also by many at once', async () => {
    const made = await Promise.all([1, 2, 3, 4].map(() => open().create(TENANT_A, rootKeyId)));
    const derived = made.map((key) => deriveKey(key, { purpose: 'backup' }).toString('hex'));
    expect(new Set([...derived, await backupKey(keys)]).size).toBe(1);
    expect(await store.list(TENANT_A)).toHaveLength(1);
  });

  it('differ by tenant and version, and the highest is the current one', async () => {
    await keys.create(TENANT_A, rootKeyId);
    await keys.create(TENANT_B, rootKeyId);
    const first = await backupKey(keys);
    await keys.create(TENANT_A, rootKeyId, 2);
    const second = await backupKey(keys);
    expect(new Set([first, second, await backupKey(keys, TENANT_B)]).size).toBe(3);
    expect(await backupKey(keys, TENANT_A, 1)).toBe(first);
    expect((await keys.load(TENANT_A)).version).toBe(2);
  });

  it('need neither store nor root while open, and both after their time to live', async () => {
    await keys.create(TENANT_A, rootKeyId);
    const first = await backupKey(keys);
    const unwrap = vi.spyOn(root, 'unwrap').mockRejectedValue(new RingfenceError('kms_unavailable', 'down'));
    const reads = store.reads;
    nowMs += 999;
    expect(await backupKey(keys)).toBe(first);
    expect(store.reads).toBe(reads);
    nowMs += 1;
    await expect(keys.load(TENANT_A)).rejects.toMatchObject({ code: 'kms_unavailable' });
    unwrap.mockRestore();
    expect(await backupKey(keys)).toBe(first);
  });

  it('are not asked for again once a version was found destroyed', async () => {
    await keys.create(TENANT_A, rootKeyId);
    await keys.create(TENANT_A, rootKeyId, 2);
    await open().destroy(TENANT_A, 1);
    await expect(keys.load(TENANT_A, 1)).rejects.toMatchObject({ code: 'key_not_found' });
    const reads = store.reads;
    await expect(keys.load(TENANT_A, 1)).rejects.toMatchObject({ code: 'key_not_found' });
    expect(store.reads).toBe(reads);
    expect((await keys.load(TENANT_A)).version).toBe(2);
  });

  it('share one call when many load at once', async () => {
    await keys.create(TENANT_A, rootKeyId);
    const unwrap = vi.spyOn(root, 'unwrap');
    const derived = await Promise.all(Array.from({ length: 50 }, () => backupKey(keys)));
    expect(new Set(derived).size).toBe(1);
    expect(unwrap).toHaveBeenCalledTimes(1);
  });

  it('are the caller’s to wipe', async () => {
    await keys.create(TENANT_A, rootKeyId);
    const [one, other] = [await keys.load(TENANT_A), await keys.load(TENANT_A)];
    one.wipe();
    keys.close();
    expect(deriveKey(other, { purpose: 'backup' }).toString('hex')).toBe(await backupKey(keys));
  });

  it('make room for others', async () => {
    keys = open({ cacheMaxKeys: 1 });
    await keys.create(TENANT_A, rootKeyId);
    await keys.create(TENANT_B, rootKeyId);
    await backupKey(keys, TENANT_A);
    await backupKey(keys, TENANT_B);
    const reads = store.reads;
    await backupKey(keys, TENANT_B);
    expect(store.reads).toBe(reads);
    await backupKey(keys, TENANT_A);
    expect(store.reads).toBe(reads + 1);
  });

  it('are gone for ever once destroyed', async () => {
    await keys.create(TENANT_A, rootKeyId);
    await keys.create(TENANT_A, rootKeyId, 2);
    await backupKey(keys);
    const stopped = await keys.destroy(TENANT_A);
    expect(stopped.getTime()).toBe(nowMs);
    for (const version of [undefined, 1, 2]) {
      await expect(keys.load(TENANT_A, version)).rejects.toMatchObject({ code: 'key_not_found' });
    }
    await expect(keys.create(TENANT_A, rootKeyId)).rejects.toMatchObject({ code: 'key_not_found' });
    expect((await store.list(TENANT_A)).map(({ wrapped }) => wrapped)).toEqual([null, null]);
    nowMs += 60_000;
    expect(await keys.destroy(TENANT_A)).toEqual(stopped);
  });

  it('are not kept open by a load that was under way when they were destroyed', async () => {
    await keys.create(TENANT_A, rootKeyId);
    const unwrap = root.unwrap;
    vi.spyOn(root, 'unwrap').mockImplementation(async (...args) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return unwrap(...args);
    });
    const loading = keys.load(TENANT_A);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await keys.destroy(TENANT_A);
    await loading;
    await expect(keys.load(TENANT_A)).rejects.toMatchObject({ code: 'key_not_found' });
  });

  it('open only for the tenant and version they were wrapped for', async () => {
    await keys.create(TENANT_A, rootKeyId);
    const [record] = await store.list(TENANT_A);
    if (record === undefined) throw new Error('no record');
    await store.put({ ...record, tenantId: TENANT_B });
    await store.put({ ...record, version: 2 });
    await expect(keys.load(TENANT_B)).rejects.toMatchObject({ code: 'envelope_refused' });
    await expect(keys.load(TENANT_A, 2)).rejects.toMatchObject({ code: 'envelope_refused' });
  });

  it('that nobody made are not found', async () => {
    await expect(keys.load(TENANT_A)).rejects.toMatchObject({ code: 'key_not_found' });
    await expect(keys.destroy(TENANT_A)).rejects.toMatchObject({ code: 'key_not_found' });
  });
});
