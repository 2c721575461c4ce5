import { RingfenceError } from '../../core/errors.js';
import { noteOperation } from '../operation/store.js';
import type { Runtime } from '../runtime.js';
import {
  type Erasure,
  findHalfCancelled,
  findOpenErasure,
  recordCancelled,
  recordResumed,
} from '../tenants/erasures.js';
import { requireHome } from '../tenants/newer-home.js';
import { getKnownTenant } from '../tenants/store.js';
import { changeState } from '../tenants/suspend.js';
import { withTenant } from '../tenants/tenant-lock.js';
import type { ErasureRequest } from './request-erasure.js';

/**
 * Takes a request back. Lets the tenant in again if the request had suspended it. The next run finishes one that was killed
 * half-way.
 * @throws RingfenceError `erasure_not_found`, `tenant_erased`, `conflict` when it has begun, `control_outdated` where the tenant cannot be let in yet.
 */
export const cancelErasure = (
  runtime: Runtime,
  slug: string,
  { reason }: Pick<ErasureRequest, 'reason'>,
): Promise<Erasure> =>
  withTenant(runtime, slug, async () => {
    const { control, caller } = runtime;
    const tenant = await getKnownTenant(control, slug);
    const open = await findOpenErasure(control, slug);
    if (open?.state === 'running')
      throw new RingfenceError(
        'conflict',
        `the erasure of tenant ${slug} has begun and cannot be cancelled`,
        {
          fix: `finish it with \`ringfence tenants erase ${slug}\``,
        },
      );
    // Cancelled first: an erasure must never fall due for a tenant that was let in again.
    const erasure = open
      ? await recordCancelled(control, open.id, { by: caller.who, at: runtime.now(), reason })
      : await findHalfCancelled(control, slug);
    if (!erasure)
      throw new RingfenceError('erasure_not_found', `no erasure of tenant ${slug} is asked for`, {
        fix: 'see `ringfence erasures list`',
      });
    if (open) await noteOperation(control, { tenantId: tenant.id, slug, kind: 'cancel-erasure', caller });
    runtime.reached('erasure-cancelled');
    if (!erasure.resume) return erasure;
    if (tenant.state === 'suspended') {
      await requireHome(runtime, tenant);
      await changeState(runtime, tenant, 'active', `erasure cancelled: ${reason}`);
    }
    runtime.reached('tenant-resumed');
    return recordResumed(control, erasure.id);
  });
