import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { KeyRoot } from '../../../data-plane/keys/key-root.js';
import { flipBit, TENANT_A, TENANT_B } from './samples.js';

/**
 * The obligations of a KeyRoot. `open` is called again and again and gives the same root keys each time.
 * `authenticates` is false for a stand-in service whose cipher has no tag, which leaves out two obligations.
 */
export const keyRootConformance = (
  name: string,
  open: () => Promise<KeyRoot>,
  { authenticates } = { authenticates: true },
): void => {
  describe(`${name} keeps the obligations of a KeyRoot`, () => {
    const context = { tenant: TENANT_A, version: '1' };
    const key = randomBytes(32);
    let root: KeyRoot;
    let rootKeyId: string;

    beforeAll(async () => {
      root = await open();
      rootKeyId = await root.ensureRoot('conform-1', { mayCreate: true });
    });

    it('gives one root per cell, however often it is asked', async () => {
      expect(await root.ensureRoot('conform-1', { mayCreate: true })).toBe(rootKeyId);
      expect(await (await open()).ensureRoot('conform-1', { mayCreate: false })).toBe(rootKeyId);
      expect(await root.ensureRoot('conform-2', { mayCreate: true })).not.toBe(rootKeyId);
    });

    it('ends with one root when many create it at once', async () => {
      const roots = await Promise.all([1, 2, 3, 4, 5, 6].map(() => open()));
      const ids = await Promise.all(
        roots.map((each) => each.ensureRoot('conform-race', { mayCreate: true })),
      );
      expect(new Set(ids).size).toBe(1);
    });

    it('makes no root for a cell that should have one', async () => {
      for (let attempt = 0; attempt < 2; attempt++) {
        await expect(root.ensureRoot('conform-lost', { mayCreate: false })).rejects.toMatchObject({
          code: expect.stringMatching(/^(keyring_missing|key_not_found)$/),
          fix: expect.stringContaining('cannot be made again'),
        });
      }
    });

    it('says where a root key is that it holds, and of no other', async () => {
      expect(await root.whereabouts(rootKeyId)).toEqual([
        expect.objectContaining({
          answer: expect.stringMatching(/^(here|region)$/),
          evidence: expect.any(String),
        }),
      ]);
      await expect(
        root.whereabouts(`${rootKeyId.slice(0, -1)}${rootKeyId.endsWith('0') ? 1 : 0}`),
      ).rejects.toMatchObject({
        code: expect.stringMatching(/^(keyring_missing|keyring_invalid|key_not_found)$/),
      });
    });

    it('opens what it wrapped, also in another process', async () => {
      const wrapped = await root.wrap(rootKeyId, key, context);
      expect(wrapped.includes(key)).toBe(false);
      expect(await (await open()).unwrap(rootKeyId, wrapped, context)).toEqual(key);
      expect(await root.wrap(rootKeyId, key, context)).not.toEqual(wrapped);
    });

    it('binds a wrapped key to its context', async () => {
      const wrapped = await root.wrap(rootKeyId, key, context);
      const others = [
        { tenant: TENANT_B, version: '1' },
        { tenant: TENANT_A, version: '2' },
        { tenant: TENANT_A },
      ];
      for (const other of others) {
        await expect(root.unwrap(rootKeyId, wrapped, other)).rejects.toMatchObject({
          code: 'envelope_refused',
        });
      }
    });

    it.skipIf(!authenticates)('binds a wrapped key to its root', async () => {
      const wrapped = await root.wrap(rootKeyId, key, context);
      const other = await root.ensureRoot('conform-2', { mayCreate: true });
      await expect(root.unwrap(other, wrapped, context)).rejects.toMatchObject({ code: 'envelope_refused' });
    });

    it.skipIf(!authenticates)('refuses altered and truncated wrapped keys', async () => {
      const wrapped = await root.wrap(rootKeyId, key, context);
      const altered = [0, 8 * 20, 8 * wrapped.length - 1].map((bit) => flipBit(wrapped, bit));
      for (const bad of [...altered, wrapped.subarray(0, -1), wrapped.subarray(1)]) {
        await expect(root.unwrap(rootKeyId, bad, context)).rejects.toMatchObject({
          code: 'envelope_refused',
        });
      }
    });

    it('refuses a context with anything but opaque ids', async () => {
      const wrapped = await root.wrap(rootKeyId, key, context);
      for (const bad of [
        {},
        { tenant: 'Clínica Sol' },
        { tenant: TENANT_A.toUpperCase() },
        { 'e-mail': '1' },
      ]) {
        await expect(root.wrap(rootKeyId, key, bad)).rejects.toMatchObject({ code: 'envelope_refused' });
        await expect(root.unwrap(rootKeyId, wrapped, bad)).rejects.toMatchObject({
          code: 'envelope_refused',
        });
      }
    });

    it('wraps keys of 32 bytes only', async () => {
      for (const length of [0, 16, 31, 33]) {
        await expect(root.wrap(rootKeyId, Buffer.alloc(length), context)).rejects.toMatchObject({
          code: 'envelope_refused',
        });
      }
    });

    it('opens nothing once the root is given up', async () => {
      const doomed = await root.ensureRoot('conform-doomed', { mayCreate: true });
      const wrapped = await root.wrap(doomed, key, context);
      const ends = await root.scheduleRootDeletion(doomed);
      expect(await root.unwrap(doomed, wrapped, context).catch((error) => error.code)).toMatch(
        /^(keyring_missing|keyring_invalid|key_not_found|key_access_denied)$/,
      );
      const again = await root.scheduleRootDeletion(doomed);
      expect(again.getTime()).toBeGreaterThanOrEqual(ends.getTime());
    });
  });
};
