import type { TenantKey } from './tenant-key.js';

/** Keeps open tenant keys for a while, and wipes them when their time or their place is up. */
export interface KeyCache {
  /** A copy of the key, or undefined. The caller may wipe it. */
  get(name: string): TenantKey | undefined;
  /** Keeps a copy of the key. */
  set(name: string, key: TenantKey): void;
  /** Wipes every entry of a tenant. */
  forget(tenantId: string): void;
  clear(): void;
}

/**
 * @param ttlMs counted from `set`; reading does not prolong it, so a revoked key is out of use after that time.
 * @param maxKeys the oldest entry makes room.
 */
export const keyCache = (ttlMs: number, maxKeys: number, now: () => Date): KeyCache => {
  const entries = new Map<string, { readonly key: TenantKey; readonly endsAtMs: number }>();

  const remove = (name: string): void => {
    entries.get(name)?.key.wipe();
    entries.delete(name);
  };
  /** Entries are in order of their end, because all live equally long. */
  const sweep = (): void => {
    const nowMs = now().getTime();
    for (const [name, { endsAtMs }] of entries) {
      if (endsAtMs > nowMs && entries.size <= maxKeys) return;
      remove(name);
    }
  };

  return {
    get(name) {
      sweep();
      return entries.get(name)?.key.copy();
    },
    set(name, key) {
      remove(name);
      entries.set(name, { key: key.copy(), endsAtMs: now().getTime() + ttlMs });
      sweep();
    },
    forget(tenantId) {
      for (const [name, { key }] of entries) if (key.tenantId === tenantId) remove(name);
    },
    clear() {
      for (const name of entries.keys()) remove(name);
    },
  };
};
