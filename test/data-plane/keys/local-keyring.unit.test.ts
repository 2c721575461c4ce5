import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { writeKeyring } from '../../../data-plane/keys/keyring-file.js';
import { localKeyring } from '../../../data-plane/keys/local-keyring.js';
import { unwrapLocally, wrapLocally } from '../../../data-plane/keys/local-wrap.js';
import { keyRootConformance } from './key-root.conformance.js';
import { TENANT_A } from './samples.js';
import vectors from './wrapped-key.vectors.json' with { type: 'json' };

const parent = await mkdtemp(join(tmpdir(), 'ringfence-keyring-'));
afterAll(() => rm(parent, { recursive: true }));
const shared = join(parent, 'conformance');
keyRootConformance('The local keyring', async () => localKeyring(shared));

const context = { tenant: TENANT_A, version: '1' };
let folder: string;
let path: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(parent, 'case-')), 'keys');
  path = join(folder, 'eu-1.json');
});

describe('The files of a keyring', () => {
  it('are for their owner only, with nothing left beside them', async () => {
    await localKeyring(folder).ensureRoot('eu-1', { mayCreate: true });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect(await readdir(folder)).toEqual(['eu-1.json']);
  });

  it('are refused while others may read them', async () => {
    const keyring = localKeyring(folder);
    const id = await keyring.ensureRoot('eu-1', { mayCreate: true });
    await chmod(path, 0o640);
    await expect(keyring.wrap(id, Buffer.alloc(32), context)).rejects.toMatchObject({
      code: 'keyring_invalid',
      fix: `chmod 600 ${path}`,
    });
  });

  it('are not made again when they are gone', async () => {
    const keyring = localKeyring(folder);
    const id = await keyring.ensureRoot('eu-1', { mayCreate: true });
    const wrapped = await keyring.wrap(id, Buffer.alloc(32, 1), context);
    await rm(path);
    const gone = {
      code: 'keyring_missing',
      fix: expect.stringContaining('restore the keyring from its copy'),
    };
    await expect(keyring.unwrap(id, wrapped, context)).rejects.toMatchObject(gone);
    await expect(keyring.wrap(id, Buffer.alloc(32), context)).rejects.toMatchObject(gone);
    await expect(keyring.ensureRoot('eu-1', { mayCreate: false })).rejects.toMatchObject(gone);
    expect(await readdir(folder)).toEqual([]);
  });

  it('are refused when another keyring took their place', async () => {
    const keyring = localKeyring(folder);
    const id = await keyring.ensureRoot('eu-1', { mayCreate: true });
    const wrapped = await keyring.wrap(id, Buffer.alloc(32, 1), context);
    await rm(path);
    await keyring.ensureRoot('eu-1', { mayCreate: true });
    await expect(keyring.unwrap(id, wrapped, context)).rejects.toMatchObject({ code: 'keyring_invalid' });
  });

  it('are refused when damaged anywhere, without quoting them', async () => {
    const keyring = localKeyring(folder);
    const id = await keyring.ensureRoot('eu-1', { mayCreate: true });
    const intact = await readFile(path, 'utf8');
    const { key } = JSON.parse(intact).roots[0];
    const damaged = [
      '',
      '{}',
      intact.slice(0, -10),
      intact.replace('eu-1', 'eu-2'),
      intact.replace(key, Buffer.alloc(32, 9).toString('base64')),
      intact.replace(key, Buffer.alloc(16, 9).toString('base64')),
      intact.replace('"version": 1', '"version": 2'),
      intact.replace(/"roots": \[[\s\S]*\]/, '"roots": []'),
    ];
    for (const text of damaged) {
      await writeFile(path, text);
      const error = await keyring.ensureRoot('eu-1', { mayCreate: true }).catch((caught) => caught);
      expect(error).toMatchObject({ code: 'keyring_invalid' });
      expect(`${error.message} ${error.fix} ${error.cause}`).not.toContain(key);
      expect(await readFile(path, 'utf8')).toBe(text);
    }
    await writeFile(path, intact);
    expect(await keyring.ensureRoot('eu-1', { mayCreate: false })).toBe(id);
  });

  it('are written by the first of two that create them', async () => {
    const id = await localKeyring(folder).ensureRoot('eu-1', { mayCreate: true });
    const late = { cell: 'eu-1', roots: [{ id: 'local/eu-1/late', key: Buffer.alloc(32) }] };
    expect(writeKeyring(path, late, true)).toBe(false);
    expect(await localKeyring(folder).ensureRoot('eu-1', { mayCreate: true })).toBe(id);
    expect(await readdir(folder)).toEqual(['eu-1.json']);
  });

  it('are only named after cells', async () => {
    const keyring = localKeyring(folder);
    for (const cell of ['', '..', '../eu-1', 'a/b', 'EU', 'a\n', '-a', 'a'.repeat(64)]) {
      await expect(keyring.ensureRoot(cell, { mayCreate: true })).rejects.toMatchObject({
        code: 'config_invalid',
      });
    }
    await expect(keyring.unwrap('arn:aws:kms:x', Buffer.alloc(61), context)).rejects.toMatchObject({
      code: 'key_not_found',
    });
  });
});

describe('The vectors of the wrapped key', () => {
  it.each(vectors.vectors)('hold for version $context.version', (vector) => {
    const root = { id: vector.rootKeyId, key: Buffer.from(vector.rootKey, 'hex') };
    const key = Buffer.from(vector.key, 'hex');
    const wrapped = wrapLocally(root, key, vector.context, Buffer.from(vector.iv, 'hex'));
    expect(wrapped.toString('hex')).toBe(vector.wrapped);
    expect(unwrapLocally(root, wrapped, vector.context)).toEqual(key);
  });

  it('hold for a keyring file', async () => {
    await mkdir(folder);
    await writeFile(path, JSON.stringify(vectors.keyring), { mode: 0o600 });
    const [vector] = vectors.vectors;
    const wrapped = Buffer.from(vector?.wrapped ?? '', 'hex');
    const key = await localKeyring(folder).unwrap(vector?.rootKeyId ?? '', wrapped, context);
    expect(key.toString('hex')).toBe(vector?.key);
  });
});
