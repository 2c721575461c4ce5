import type { ResourceChange } from '../deployment/change.js';
import { destroyStack } from '../deployment/stack-run.js';
import { getCell } from '../registry/cells.js';
import { getTenant, type RegisteredTenant, recordState } from '../registry/tenants.js';
import type { Runtime } from '../runtime.js';
import { ensureCell } from './cells-up.js';
import { recordOperation } from './record-operation.js';
import { withTenant } from './tenant-lock.js';
import { removalRun } from './tenant-run.js';

/**
 * Removes a tenant from its cell: rows, clinics, login, quotas, schedule, stack. Its key and its backups stay, so
 * adding it again can restore them; erasure is an operation of its own.
 */
export const removeTenant = async (
  runtime: Runtime,
  slug: string,
  onChange?: (change: ResourceChange) => void,
): Promise<RegisteredTenant> =>
  withTenant(runtime, slug, async () => {
    const tenant = await getTenant(runtime.control, slug);
    const cell = await getCell(runtime.control, tenant.cell);
    await ensureCell(runtime, { name: cell.name, tier: cell.tier, region: cell.region });
    return recordOperation(runtime, { tenantId: tenant.id, slug, kind: 'remove' }, async (operation) => {
      await recordState(runtime.control, tenant.id, 'removing');
      runtime.reached('removal-recorded');
      await destroyStack(await runtime.stackRunner(), {
        ...(await removalRun(runtime, slug, cell.name)),
        recover: operation.recover,
        ...(onChange ? { onChange } : {}),
      });
      runtime.reached('stack-destroyed');
      await recordState(runtime.control, tenant.id, 'removed');
      return tenant;
    });
  });
