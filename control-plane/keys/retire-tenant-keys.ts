import type { Runtime } from '../runtime.js';
import { getTenant } from '../tenants/store.js';
import { withTenant } from '../tenants/tenant-lock.js';
import { type RetiredKey, retireKeys } from './retire-keys.js';

/** `retireKeys` of a tenant that nobody else works on. @throws RingfenceError `tenant_busy`, `tenant_not_found` */
export const retireTenantKeys = (runtime: Runtime, slug: string): Promise<RetiredKey[]> =>
  withTenant(runtime, slug, async () => retireKeys(runtime, await getTenant(runtime.control, slug)));
