import { translateIfDatabaseError } from '../../data-plane/database/errors.js';
import { RingfenceError } from '../../tenants/errors.js';
import { backUpAndVerify } from '../operations/backup-tenant.js';
import { pruneBackups } from '../operations/prune-backups.js';
import { retireKeys } from '../operations/retire-keys.js';
import { withTenant } from '../operations/tenant-lock.js';
import { getTenant } from '../registry/tenants.js';
import type { TaskContext } from './task.js';

/**
 * Takes a tenant's backup, restores it into a scratch schema, and removes those that are no longer kept.
 * @param lastTry alerts when this one fails too.
 */
export const scheduledBackup = async (
  context: TaskContext,
  slug: string,
  lastTry: boolean,
): Promise<void> => {
  const { runtime, say } = context;
  try {
    await withTenant(runtime, slug, async () => {
      const tenant = await getTenant(runtime.control, slug);
      const { id, rows } = await backUpAndVerify(runtime, tenant);
      const pruned = await pruneBackups(runtime, tenant);
      await retireKeys(runtime, tenant);
      say(`backup of ${slug}: ${id}, ${rows} rows, verified; ${pruned.length} no longer kept`);
    });
  } catch (error) {
    const failure = translateIfDatabaseError(error);
    const code = failure instanceof RingfenceError ? failure.code : 'internal';
    say(`backup of ${slug} failed: ${code}`);
    if (lastTry) {
      await context.alert({
        kind: 'backup',
        text: `Ringfence could not back up ${slug}: ${code}. It will be tried again at its next time.`,
        detail: { tenant: slug, code },
      });
    }
    throw error;
  }
};
