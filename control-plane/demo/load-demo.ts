import { type DemoReport, loadDemo } from '../../data-plane/demo/load.js';
import { usingKey } from '../../data-plane/keys/using-keys.js';
import type { Runtime } from '../runtime.js';
import { withTenant } from '../tenants/tenant-lock.js';
import { openTenant } from './open-tenant.js';

/** Fills a tenant with invented patients. @param request.seed the same seed gives the same data. */
export const loadTenantDemo = (
  runtime: Runtime,
  slug: string,
  request: { readonly patients: number; readonly seed: number },
): Promise<DemoReport> =>
  withTenant(runtime, slug, async () => {
    const { tenant, clinics } = await openTenant(runtime, slug);
    const admin = await runtime.target.adminConnection(tenant.cell);
    return usingKey(runtime.target.tenantKeys.load(tenant.id), (key) =>
      loadDemo(admin, { ...request, clinics, key, today: runtime.now() }),
    );
  });
