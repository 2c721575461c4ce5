import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { keyWraps, wrappedKeys } from '../../../control-plane/keys/store.js';
import { customerKeyOf } from '../../../data-plane/keys/customer-held/envelope.js';
import { customerHeldRoot } from '../../../data-plane/keys/customer-held/root.js';
import { rewrapFor, wrapUnder } from '../../../data-plane/keys/key-wraps.js';
import { localKeyring } from '../../../data-plane/keys/local-keyring.js';
import { rootsOfCells } from '../../../data-plane/keys/roots-of-cells.js';
import { tenantKeys } from '../../../data-plane/keys/tenant-keys.js';
import { usingKey } from '../../../data-plane/keys/using-keys.js';
import { useDatabase } from '../../support/cell-database.js';

const db = useDatabase('control');
const folder = mkdtempSync(join(tmpdir(), 'ringfence-wraps-'));
afterAll(() => rmSync(folder, { recursive: true }));

const root = localKeyring(folder);
let tenantId = '';
let roots: [string, string] = ['', ''];
beforeEach(async () => {
  tenantId = randomUUID();
  const names = [`a-${tenantId.slice(0, 8)}`, `b-${tenantId.slice(0, 8)}`] as const;
  roots = [
    await root.ensureRoot(names[0], { mayCreate: true }),
    await root.ensureRoot(names[1], { mayCreate: true }),
  ];
});

/** As another process would, that has nothing in its cache. */
const fresh = () => tenantKeys({ root, store: wrappedKeys(db.admin) });
const make = async (version: number) =>
  usingKey(fresh().create(tenantId, roots[0], version), (key) =>
    key.expand(Buffer.from('x'), 32).toString('hex'),
  );
const opened = async (version: number) =>
  usingKey(fresh().load(tenantId, version), (key) => key.expand(Buffer.from('x'), 32).toString('hex'));
const known = async () =>
  (await keyWraps(db.admin).list(tenantId)).map(({ version, rootKeyId }) => [
    version,
    roots.indexOf(rootKeyId),
  ]);
const loseFirstRoot = () => unlinkSync(join(folder, `a-${tenantId.slice(0, 8)}.json`));

test('every version is wrapped under each root, once, and opens to the same key under the root of the home', async () => {
  const keys = [await make(1), await make(2)];
  for (let again = 0; again < 2; again++) await wrapUnder(root, keyWraps(db.admin), tenantId, roots);
  expect(await known()).toEqual([
    [1, 0],
    [1, 1],
    [2, 0],
    [2, 1],
  ]);
  await wrapUnder(root, keyWraps(db.admin), tenantId, [roots[1], roots[0]]);
  expect(await known()).toEqual([
    [1, 1],
    [1, 0],
    [2, 1],
    [2, 0],
  ]);
  loseFirstRoot();
  expect([await opened(1), await opened(2)]).toEqual(keys);
});

test('a version whose first root is lost is wrapped anew from another', async () => {
  const key = await make(1);
  await wrapUnder(root, keyWraps(db.admin), tenantId, roots);
  loseFirstRoot();
  const third = await root.ensureRoot(`c-${tenantId.slice(0, 8)}`, { mayCreate: true });
  await wrapUnder(root, keyWraps(db.admin), tenantId, [third]);
  expect(await opened(1)).toBe(key);
});

test('a destroyed version has no wrap left, and gets none', async () => {
  await make(1);
  await make(2);
  await wrapUnder(root, keyWraps(db.admin), tenantId, roots);
  const [wrap] = await keyWraps(db.admin).list(tenantId);
  await fresh().destroy(tenantId, 1);
  expect(await known()).toEqual([
    [2, 0],
    [2, 1],
  ]);
  if (!wrap) throw new Error('there was no wrap');
  await keyWraps(db.admin).put({ ...wrap, rootKeyId: roots[1] });
  await wrapUnder(root, keyWraps(db.admin), tenantId, roots);
  expect(await known()).toEqual([
    [2, 0],
    [2, 1],
  ]);
  await fresh().destroy(tenantId);
  expect(await known()).toEqual([]);
  await expect(opened(2)).rejects.toMatchObject({ code: 'key_not_found' });
});

test('the root of a cell is asked for by the cell, and what is wrapped by the root that knows it', async () => {
  const other = { ...root, name: 'other', knows: () => false, ensureRoot: async () => 'other/root' };
  const both = rootsOfCells(async (cell) => (cell === 'elsewhere' ? other : root), [other, root]);
  expect(await both.ensureRoot('elsewhere', { mayCreate: false })).toBe('other/root');
  const secret = Buffer.alloc(32, 1);
  const context = { tenant: tenantId, version: '1' };
  const wrapped = await both.wrap(roots[0], secret, context);
  expect(await both.unwrap(roots[0], wrapped, context)).toEqual(secret);
  await expect(both.wrap('other/root', secret, context)).rejects.toMatchObject({ code: 'key_not_found' });
});

test('every wrap gets the key that the customer holds, changes to another one, and loses it, while the key stays', async () => {
  const key = await make(1);
  await wrapUnder(root, keyWraps(db.admin), tenantId, roots);
  const customer = localKeyring(join(folder, 'customer'));
  const named = async (name: string) =>
    customer.ensureRoot(`${name}-${tenantId.slice(0, 8)}`, { mayCreate: true });
  for (const customerKeyId of [await named('one'), await named('two'), null]) {
    const held = customerHeldRoot({ root, customer, keyOf: async () => customerKeyId });
    for (let again = 0; again < 2; again++)
      await rewrapFor(held, keyWraps(db.admin), tenantId, customerKeyId);
    const wraps = await keyWraps(db.admin).list(tenantId);
    expect(wraps.map(({ wrapped }) => customerKeyOf(wrapped) ?? null)).toEqual([
      customerKeyId,
      customerKeyId,
    ]);
    const loaded = tenantKeys({ root: held, store: wrappedKeys(db.admin) }).load(tenantId);
    expect(await usingKey(loaded, (opened) => opened.expand(Buffer.from('x'), 32).toString('hex'))).toBe(key);
  }
});
