import { RingfenceError } from '../../core/errors.js';
import { withConnection } from '../../data-plane/database/connect.js';
import { setTenantState } from '../../data-plane/enrolment/tenant-state.js';
import { refuseWhileFenced } from '../operation/refuse-while-moving.js';
import type { Runtime } from '../runtime.js';
import { enterState } from './enter-state.js';
import { requireHome } from './newer-home.js';
import { refuseOpenErasure } from './open-erasure.js';
import { getTenant, type RegisteredTenant } from './store.js';
import { withTenant } from './tenant-lock.js';

interface SuspensionRequest {
  /** For the clinics' audit log. */
  readonly reason: string;
}

/**
 * Refuses the tenant from the next transaction on, with valid tokens too. Its rows, keys and backups stay. The cell changes
 * first, because the cell refuses.
 * @throws RingfenceError `conflict` for a tenant that is neither active nor suspended, and where a move of it was broken off at its
 * fence; `control_outdated` where the tenant lives in another cell than the control database knows.
 */
export const suspendTenant = (runtime: Runtime, slug: string, { reason }: SuspensionRequest) =>
  withTenant(runtime, slug, async () =>
    changeState(runtime, await getAtHome(runtime, slug), 'suspended', reason),
  );

/**
 * Lets a suspended tenant in again.
 * @throws RingfenceError `conflict` while its erasure is asked for, too.
 */
export const resumeTenant = (runtime: Runtime, slug: string, { reason }: SuspensionRequest) =>
  withTenant(runtime, slug, async () => {
    await refuseOpenErasure(runtime.control, slug);
    return changeState(runtime, await getAtHome(runtime, slug), 'active', reason);
  });

/** Refuses while the fence may be shut, too: then no cell lets it in. */
const getAtHome = async (runtime: Runtime, slug: string): Promise<RegisteredTenant> => {
  const tenant = await getTenant(runtime.control, slug);
  await refuseWhileFenced(runtime.control, tenant.id);
  await requireHome(runtime, tenant);
  return tenant;
};

/** Opens or closes the tenant in its cell; the cell lets in or refuses. Records nothing else. Can be repeated. */
export const setStateInCell = async (
  runtime: Runtime,
  { id, cell }: Pick<RegisteredTenant, 'id' | 'cell'>,
  state: 'active' | 'suspended',
  reason: string,
): Promise<void> =>
  withConnection(await runtime.target.adminConnection(cell), (client) =>
    setTenantState(client, id, { state, reason, caller: runtime.caller }),
  );

/** The caller holds the tenant's lock. */
export const changeState = async (
  runtime: Runtime,
  tenant: RegisteredTenant,
  state: 'active' | 'suspended',
  reason: string,
): Promise<RegisteredTenant> => {
  const { id, slug } = tenant;
  if (tenant.state !== 'active' && tenant.state !== 'suspended') {
    throw new RingfenceError('conflict', `tenant ${slug} is ${tenant.state}`, {
      fix: `finish its deployment with \`ringfence tenants apply ${slug}\``,
    });
  }
  await refuseWhileFenced(runtime.control, id);
  await setStateInCell(runtime, tenant, state, reason);
  await enterState(runtime.control, id, state);
  return { ...tenant, state };
};
