import { withConnection } from '../../data-plane/database/connect.js';
import { setTenantState } from '../../data-plane/enrolment/tenant-state.js';
import { RingfenceError } from '../../tenants/errors.js';
import { getTenant, type RegisteredTenant, recordState } from '../registry/tenants.js';
import type { Runtime } from '../runtime.js';
import { withTenant } from './tenant-lock.js';

export interface SuspensionRequest {
  /** For the clinics' audit log. */
  readonly reason: string;
  readonly by: string;
}

/**
 * Refuses the tenant from the next transaction on, with valid tokens too; its rows, keys and backups stay. The cell
 * comes first, because it is what refuses.
 * @throws RingfenceError `conflict` for a tenant that is neither active nor suspended.
 */
export const suspendTenant = (runtime: Runtime, slug: string, request: SuspensionRequest) =>
  change(runtime, slug, 'suspended', request);

/** Lets a suspended tenant in again. */
export const resumeTenant = (runtime: Runtime, slug: string, request: SuspensionRequest) =>
  change(runtime, slug, 'active', request);

const change = (
  runtime: Runtime,
  slug: string,
  state: 'active' | 'suspended',
  { reason, by }: SuspensionRequest,
): Promise<RegisteredTenant> =>
  withTenant(runtime, slug, async () => {
    const tenant = await getTenant(runtime.control, slug);
    if (tenant.state !== 'active' && tenant.state !== 'suspended') {
      throw new RingfenceError('conflict', `tenant ${slug} is ${tenant.state}`, {
        fix: `finish its deployment with \`ringfence tenants apply ${slug}\``,
      });
    }
    const admin = await runtime.target.adminConnection(tenant.cell);
    await withConnection(admin, (client) => setTenantState(client, tenant.id, { state, reason, by }));
    await recordState(runtime.control, tenant.id, state);
    return { ...tenant, state };
  });
