import { wakeCell } from '../cells/cells-up.js';
import { refuseOnHold } from '../holds/refuse-on-hold.js';
import type { Runtime } from '../runtime.js';
import { requireHome } from '../tenants/newer-home.js';
import { inhabitedCells } from '../tenants/placements.js';
import { getTenant, type RegisteredTenant } from '../tenants/store.js';
import { type InCell, lookAtTenant } from './take-out.js';

/**
 * Counts the rows that a removal would delete, for the person who confirms it. Brings the cell up; changes nothing else.
 * @throws RingfenceError `tenant_not_found`, `erasure_held`, `control_outdated`.
 */
export const planRemoval = async (
  runtime: Runtime,
  slug: string,
): Promise<{ readonly tenant: RegisteredTenant; readonly found: InCell }> => {
  const tenant = await getTenant(runtime.control, slug);
  await refuseOnHold(runtime, { tenantId: tenant.id, slug }, 'remove');
  for (const cell of inhabitedCells(tenant)) await wakeCell(runtime, cell);
  const found = await lookAtTenant(runtime, tenant);
  // A cell that was lost has nobody, and is no reason to keep what is left.
  if (found.isEnrolled && tenant.state !== 'removing') await requireHome(runtime, tenant);
  return { tenant, found };
};
