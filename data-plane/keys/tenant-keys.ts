import { randomBytes } from 'node:crypto';
import { RingfenceError } from '../../core/errors.js';
import { isCustomerHeld } from './customer-held/envelope.js';
import { tenantKeyContext } from './encryption-context.js';
import { keyCache } from './key-cache.js';
import { KEY_BYTES, type KeyRoot } from './key-root.js';
import type { RandomSource } from './random.js';
import { TenantKey } from './tenant-key.js';
import type { WrappedKeyRecord, WrappedKeyStore } from './wrapped-key-store.js';

/** The time for which an open key, or one derived from it, may be used without asking the holder of the customer's key again. */
export const CUSTOMER_HELD_TTL_MS = 20_000;

/** The options of `tenantKeys`. */
export interface TenantKeysOptions {
  readonly root: KeyRoot;
  readonly store: WrappedKeyStore;
  readonly now?: () => Date;
  readonly random?: RandomSource;
  /**
   * The time for which an open key is reused. A key that was destroyed elsewhere lives on here for that time. Default 5
   * minutes.
   */
  readonly cacheTtlMs?: number;
  /**
   * The same for a key that also needs one that the customer holds. Two of these, for a run that took an open key at its last moment, are
   * within the minute in which a revoked key closes. Default 20 seconds.
   */
  readonly customerHeldTtlMs?: number;
  /** Default 1,000: the tenants of a shared cell. */
  readonly cacheMaxKeys?: number;
}

/** The tenants' keys: made, opened, destroyed. Every key that is handed out is a copy, the caller's to wipe. */
export interface TenantKeys {
  /**
   * The given version of a tenant's key, made now or before. Idempotent: two runs at once end with one key.
   *
   * @throws key_not_found when the key was destroyed: a destroyed key is never replaced.
   */
  create(tenantId: string, rootKeyId: string, version?: number): Promise<TenantKey>;

  /**
   * Opens the given version, or the highest. Open keys are reused for `cacheTtlMs` without a call to store or root,
   * also while those are down. Calls at the same time share one. That a version was destroyed is kept in mind.
   *
   * @throws key_not_found when there is none or it was destroyed; else what `KeyRoot.unwrap` throws.
   */
  load(tenantId: string, version?: number): Promise<TenantKey>;

  /**
   * Removes one version, or all, from the store for ever and from this process. Idempotent. Returns when use stopped.
   * The highest version alone cannot be destroyed: a new one would be made in its place.
   */
  destroy(tenantId: string, version?: number): Promise<Date>;

  /** Wipes what this process holds open. */
  close(): void;
}

export const tenantKeys = (options: TenantKeysOptions): TenantKeys => {
  const { root, store, now = () => new Date(), random = randomBytes } = options;
  const maxKeys = options.cacheMaxKeys ?? 1_000;
  const ttlMs = options.cacheTtlMs ?? 300_000;
  const ours = keyCache(ttlMs, maxKeys, now);
  const customerHeld = keyCache(
    Math.min(ttlMs, options.customerHeldTtlMs ?? CUSTOMER_HELD_TTL_MS),
    maxKeys,
    now,
  );
  const forget = (tenantId: string): void => {
    ours.forget(tenantId);
    customerHeld.forget(tenantId);
  };
  const opening = new Map<string, Promise<TenantKey>>();
  const destroyed = new Set<string>();

  const open = async (tenantId: string, version: number | undefined): Promise<TenantKey> => {
    const record = await store.get(tenantId, version);
    if (record === undefined) throw notFound(`tenant ${tenantId} has no key of this version`);
    if (record.wrapped === null && version !== undefined) {
      if (destroyed.size >= maxKeys) destroyed.clear();
      destroyed.add(cacheName(tenantId, version));
    }
    const key = await unwrapRecord(root, record);
    const cache = record.wrapped !== null && isCustomerHeld(record.wrapped) ? customerHeld : ours;
    cache.set(cacheName(tenantId, version), key);
    return key;
  };

  return {
    async create(tenantId, rootKeyId, version = 1) {
      let record = await store.get(tenantId, version);
      if (record === undefined) {
        const secret = random(KEY_BYTES);
        const wrapped = await root.wrap(rootKeyId, secret, tenantKeyContext(tenantId, version));
        secret.fill(0);
        record = await store.put({
          tenantId,
          version,
          rootKeyId,
          wrapped,
          createdAt: now(),
          destroyedAt: null,
        });
        forget(tenantId);
      }
      return unwrapRecord(root, record);
    },

    async load(tenantId, version) {
      const name = cacheName(tenantId, version);
      if (destroyed.has(name)) throw wasDestroyed(tenantId);
      const cached = ours.get(name) ?? customerHeld.get(name);
      if (cached !== undefined) return cached;
      const shared = opening.get(name) ?? open(tenantId, version).finally(() => opening.delete(name));
      opening.set(name, shared);
      return (await shared).copy();
    },

    async destroy(tenantId, version) {
      if (version !== undefined && version === (await store.get(tenantId))?.version)
        throw new RingfenceError('conflict', 'the newest version of a key is in use', {
          fix: 'rotate the key first, or erase the tenant',
        });
      forget(tenantId);
      await store.markDestroyed(tenantId, now(), version);
      // One that was being opened meanwhile would be cached after all.
      await Promise.allSettled(opening.values());
      forget(tenantId);
      const dates = (await store.list(tenantId))
        .filter((record) => record.version === (version ?? record.version))
        .map(({ destroyedAt }) => destroyedAt?.getTime() ?? 0);
      if (dates.length === 0) throw notFound(`tenant ${tenantId} has no key`);
      return new Date(Math.max(...dates));
    },

    close: () => {
      ours.clear();
      customerHeld.clear();
    },
  };
};

const cacheName = (tenantId: string, version: number | undefined): string =>
  `${tenantId}/${version ?? 'highest'}`;

const unwrapRecord = async (root: KeyRoot, record: WrappedKeyRecord): Promise<TenantKey> => {
  const { tenantId, version } = record;
  if (record.wrapped === null) throw wasDestroyed(tenantId);
  const secret = await root.unwrap(record.rootKeyId, record.wrapped, tenantKeyContext(tenantId, version));
  const key = new TenantKey(tenantId, version, secret);
  secret.fill(0);
  return key;
};

const wasDestroyed = (tenantId: string): RingfenceError =>
  notFound(`the key of tenant ${tenantId} was destroyed`);

const notFound = (message: string): RingfenceError =>
  new RingfenceError('key_not_found', message, {
    fix: 'a destroyed key cannot be made again, and what it protected cannot be read',
  });
