import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { RingfenceError } from '../../../../core/errors.js';
import { clinicKeys } from '../../../../data-plane/access/sealed/clinic-keys.js';
import {
  checkOf,
  customerKeyOf,
  openUnderHalves,
  readEnvelope,
  requireChecked,
  sealUnderHalves,
  writeEnvelope,
} from '../../../../data-plane/keys/customer-held/envelope.js';
import { customerHeldRoot } from '../../../../data-plane/keys/customer-held/root.js';
import type { KeyRoot } from '../../../../data-plane/keys/key-root.js';
import { localKeyring } from '../../../../data-plane/keys/local-keyring.js';
import { tenantKeys } from '../../../../data-plane/keys/tenant-keys.js';
import { keyRootConformance } from '../key-root.conformance.js';
import { memoryWrappedKeyStore } from '../memory-wrapped-key-store.js';
import { CLINIC_A, TENANT_A, TENANT_B } from '../samples.js';
import vectors from './customer-held.vectors.json' with { type: 'json' };

const folder = await mkdtemp(join(tmpdir(), 'ringfence-customer-held-'));
afterAll(() => rm(folder, { recursive: true }));
const ours = localKeyring(join(folder, 'ours'));
const theirs = localKeyring(join(folder, 'theirs'));
const customerKeyId = await theirs.ensureRoot('customer', { mayCreate: true });
const context = { tenant: TENANT_A, version: '1' };

keyRootConformance('The root of a cell with a key that the customer holds', async () =>
  customerHeldRoot({ root: ours, customer: theirs, keyOf: async () => customerKeyId }),
);

describe('A tenant key that needs a key of the customer', () => {
  it.each(vectors.vectors)('is written as in the format: $rootKeyId', (vector) => {
    const hex = (
      name: 'rootHalf' | 'customerHalf' | 'wrappedRootHalf' | 'wrappedCustomerHalf' | 'iv' | 'key',
    ) => Buffer.from(vector[name], 'hex');
    const halves = { root: hex('rootHalf'), customer: hex('customerHalf') };
    const customerHalf = hex('wrappedCustomerHalf');
    const wrapped = writeEnvelope({
      customerKeyId: vector.customerKeyId,
      rootHalf: hex('wrappedRootHalf'),
      customerHalf,
      check: checkOf(halves.root, vector, customerHalf),
      sealed: sealUnderHalves(halves, vector, hex('key'), hex('iv')),
    });
    expect(wrapped.toString('hex')).toBe(vector.wrapped);
    expect(customerKeyOf(wrapped)).toBe(vector.customerKeyId);
    const read = readEnvelope(wrapped);
    requireChecked(halves.root, vector, read);
    expect(openUnderHalves(halves, vector, read.sealed)).toEqual(hex('key'));
  });

  it('opens with neither of the two alone, and asks for no key that was written in afterwards', async () => {
    const root = customerHeldRoot({ root: ours, customer: theirs, keyOf: async () => customerKeyId });
    const rootKeyId = await ours.ensureRoot('alone', { mayCreate: true });
    const wrapped = await root.wrap(rootKeyId, Buffer.alloc(32, 1), context);
    await expect(ours.unwrap(rootKeyId, wrapped, context)).rejects.toMatchObject({
      code: 'envelope_refused',
    });
    const other = await theirs.ensureRoot('other', { mayCreate: true });
    const forged = writeEnvelope({ ...readEnvelope(wrapped), customerKeyId: other });
    const asked = vi.spyOn(theirs, 'unwrap');
    await expect(root.unwrap(rootKeyId, forged, context)).rejects.toMatchObject({ code: 'envelope_refused' });
    expect(asked).not.toHaveBeenCalled();
    vi.restoreAllMocks();
  });

  it('is wrapped as before for tenants whose customer holds none', async () => {
    const keyOf = async (tenant: string) => (tenant === TENANT_A ? customerKeyId : null);
    const root = customerHeldRoot({ root: ours, customer: theirs, keyOf });
    const rootKeyId = await ours.ensureRoot('plain', { mayCreate: true });
    const wrapped = await root.wrap(rootKeyId, Buffer.alloc(32, 1), { tenant: TENANT_B, version: '1' });
    expect(customerKeyOf(wrapped)).toBeUndefined();
    expect(await ours.unwrap(rootKeyId, wrapped, { tenant: TENANT_B, version: '1' })).toHaveLength(32);
  });
});

describe('A key that its customer closes', () => {
  const denied = new RingfenceError('key_access_denied', 'the root key is disabled in AWS KMS');
  let failure: RingfenceError | undefined;
  let asked = 0;
  let nowMs = 0;
  const now = () => new Date(nowMs);
  const customer: KeyRoot = {
    ...theirs,
    unwrap: async (...args) => {
      asked++;
      if (failure) throw failure;
      return theirs.unwrap(...args);
    },
  };
  const open = async () => {
    const root = customerHeldRoot({ root: ours, customer, keyOf: async () => customerKeyId, now });
    const keys = tenantKeys({ root, store: memoryWrappedKeyStore(), now });
    (await keys.create(TENANT_A, await ours.ensureRoot('closing', { mayCreate: true }))).wipe();
    return keys;
  };
  beforeEach(() => {
    failure = undefined;
    asked = 0;
    nowMs = Date.UTC(2026, 10, 27);
  });

  it('closes what is open within a minute, also within a run, and opens again by itself', async () => {
    const keys = await open();
    const run = clinicKeys(keys, { tenantId: TENANT_A, clinicId: CLINIC_A, userId: 'ana' }, now);
    (await keys.load(TENANT_A)).wipe();
    failure = denied;
    const closedAtMs = nowMs;
    // The worst case: a run takes the open key in its last moment, and keeps what it derives from it.
    nowMs += 19_999;
    await run.field();
    await run.searchIndexes();
    nowMs += 19_999;
    await run.field();
    nowMs += 1;
    expect(nowMs - closedAtMs).toBeLessThan(60_000);
    const closed = {
      code: 'customer_key_closed',
      message: expect.stringContaining(customerKeyId),
      fix: expect.stringContaining('nothing is lost'),
    };
    await expect(keys.load(TENANT_A)).rejects.toMatchObject(closed);
    await expect(run.field()).rejects.toMatchObject(closed);
    await expect(run.index()).rejects.toMatchObject(closed);
    await expect(run.searchIndexes()).rejects.toMatchObject(closed);
    failure = undefined;
    nowMs += 5_000;
    expect((await keys.load(TENANT_A)).version).toBe(1);
  });

  it('is asked for once in five seconds, however many ask', async () => {
    const keys = await open();
    failure = denied;
    asked = 0;
    for (let second = 0; second < 10; second++) {
      await expect(keys.load(TENANT_A)).rejects.toMatchObject({ code: 'customer_key_closed' });
      nowMs += 1_000;
    }
    expect(asked).toBe(2);
  });

  it.each([
    ['kms_unavailable', undefined],
    ['key_access_denied', Object.assign(new Error('expired'), { name: 'ExpiredTokenException' })],
  ] as const)('is not taken for closed by %s of our own', async (code, cause) => {
    const keys = await open();
    failure = new RingfenceError(code, 'ours', { cause });
    await expect(keys.load(TENANT_A)).rejects.toMatchObject({ code });
  });
});
