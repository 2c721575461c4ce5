import { randomBytes, randomUUID } from 'node:crypto';
import { RingfenceError } from '../../core/errors.js';
import { assertOpaqueContext } from '../../data-plane/keys/encryption-context.js';
import { KEY_BYTES, type KeyRoot } from '../../data-plane/keys/key-root.js';
import { unwrapLocally, wrapLocally } from '../../data-plane/keys/local-wrap.js';
import { tenantKeys } from '../../data-plane/keys/tenant-keys.js';
import type { WrappedKeyRecord, WrappedKeyStore } from '../../data-plane/keys/wrapped-key-store.js';
import { memoryStore } from './memory-store.js';
import type { SuiteKeys } from './target.js';

const IV_BYTES = 12;

/** A root key and a store that live as long as the run, for a database without a control plane. */
export const memoryKeys = (): SuiteKeys => {
  const root = memoryRoot();
  const records = new Map<string, WrappedKeyRecord>();
  const wrapped = memoryWrappedKeys(records);
  return {
    root,
    rootKeyId: root.id,
    wrapped,
    tenantKeys: tenantKeys({ root, store: wrapped }),
    objects: memoryStore(),
    forget: async (first, last) => {
      for (const [name, { tenantId }] of records)
        if (tenantId >= first && tenantId <= last) records.delete(name);
    },
  };
};

const memoryRoot = (): KeyRoot & { readonly id: string } => {
  const known = { id: `memory/${randomUUID()}`, key: randomBytes(KEY_BYTES) };
  const open = (rootKeyId: string): typeof known => {
    if (rootKeyId === known.id) return known;
    throw new RingfenceError('key_not_found', 'there is no such root key');
  };
  return {
    id: known.id,
    name: 'memory',
    knows: (rootKeyId) => rootKeyId === known.id,
    ensureRoot: async () => known.id,
    wrap: async (rootKeyId, key, context) => {
      assertOpaqueContext(context);
      return wrapLocally(open(rootKeyId), key, context, randomBytes(IV_BYTES));
    },
    unwrap: async (rootKeyId, wrapped, context) => {
      assertOpaqueContext(context);
      return unwrapLocally(open(rootKeyId), wrapped, context);
    },
    scheduleRootDeletion: async () => new Date(0),
    whereabouts: async (rootKeyId) => [
      { what: `root key ${rootKeyId}`, answer: 'here', evidence: 'in the memory of this process' },
    ],
  };
};

const memoryWrappedKeys = (records: Map<string, WrappedKeyRecord>): WrappedKeyStore => {
  const list = (tenantId: string): WrappedKeyRecord[] =>
    [...records.values()]
      .filter((record) => record.tenantId === tenantId)
      .sort((one, other) => one.version - other.version);
  return {
    get: async (tenantId, version) =>
      version === undefined ? list(tenantId).at(-1) : records.get(`${tenantId}/${version}`),
    put: async (record) => {
      const name = `${record.tenantId}/${record.version}`;
      const winner = records.get(name) ?? record;
      records.set(name, winner);
      return winner;
    },
    list: async (tenantId) => list(tenantId),
    markDestroyed: async (tenantId, destroyedAt, version) => {
      for (const record of list(tenantId))
        if (record.wrapped !== null && record.version === (version ?? record.version))
          records.set(`${tenantId}/${record.version}`, { ...record, wrapped: null, destroyedAt });
    },
  };
};
