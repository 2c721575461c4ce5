import type { Runtime } from '../runtime.js';
import { findTenant } from '../tenants/store.js';
import { type InCell, lookAtTenant } from './take-out.js';

/** A tenant's rows in its cell; undefined for a tenant whose record is gone. */
export const rowsInCell = async (runtime: Runtime, slug: string): Promise<InCell | undefined> => {
  const tenant = await findTenant(runtime.control, slug);
  return tenant && lookAtTenant(runtime, tenant);
};
