import type { DurableObjectNamespace, DurableObjectStub, KVNamespace } from '@cloudflare/workers-types';
import type { TenantEntry } from '../document/tenant-entry.js';
import type { TenantLimits } from './tenant-limits.js';

/** All that the Worker is given. Its secrets are the platform's; a tenant's never get here. */
export interface Environment {
  /** One object a tenant. */
  readonly LIMITS: DurableObjectNamespace<TenantLimits>;
  /** A tenant's entry under each of its hosts. */
  readonly TENANTS: KVNamespace;
  readonly OPERATOR_HOST: string;
  /** A secret: who shows it may read reports. */
  readonly OPERATOR_KEY: string;
  /** A secret: an origin takes requests from whoever shows it. */
  readonly ORIGIN_KEY: string;
}

/** The object of a tenant. */
export type ObjectOf = (environment: Environment, entry: TenantEntry) => DurableObjectStub<TenantLimits>;
