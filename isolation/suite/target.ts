import type { ContextKey } from '../../data-plane/access/context-token.js';
import type { Connection } from '../../data-plane/database/connect.js';
import type { KeyRoot } from '../../data-plane/keys/key-root.js';
import type { TenantKeys } from '../../data-plane/keys/tenant-keys.js';
import type { WrappedKeyStore } from '../../data-plane/keys/wrapped-key-store.js';
import type { ObjectStore } from '../../data-plane/objects/object-store.js';

/** The attacked cell with its real connections. */
export interface SuiteTarget {
  /** A superuser: plants, looks and removes. */
  readonly admin: Connection;
  /** The application's login, which attacks. */
  readonly app: Connection;
  readonly contextKey: ContextKey;
  /** The deployment's own keys and objects; throw-away ones in memory when left out. */
  readonly keys?: SuiteKeys;
  now(): Date;
}

/** The store of the throw-away tenants' keys and backups. */
export interface SuiteKeys {
  readonly root: KeyRoot;
  readonly rootKeyId: string;
  readonly wrapped: WrappedKeyStore;
  readonly tenantKeys: TenantKeys;
  readonly objects: ObjectStore;
  /** Removes every record of keys whose tenant id lies in the range, ends included. */
  forget(firstTenantId: string, lastTenantId: string): Promise<void>;
}
