import { backUpAndVerify } from '../operations/backup-tenant.js';
import { pruneBackups } from '../operations/prune-backups.js';
import { retireKeys } from '../operations/retire-keys.js';
import { withTenant } from '../operations/tenant-lock.js';
import { getTenant } from '../registry/tenants.js';
import type { TaskContext } from './task.js';
import { toldWhenFailed } from './told-when-failed.js';

/**
 * Takes a tenant's backup, restores it into a scratch schema, and removes those that are no longer kept.
 * @param lastTry alerts when this one fails too.
 */
export const scheduledBackup = (context: TaskContext, slug: string, lastTry: boolean): Promise<void> => {
  const { runtime, say } = context;
  const failing = {
    what: `backup of ${slug}`,
    alert: (code: string) => ({
      kind: 'backup' as const,
      text: `Ringfence could not back up ${slug}: ${code}. It will be tried again at its next time.`,
      detail: { tenant: slug, code },
    }),
    lastTry,
  };
  return toldWhenFailed(context, failing, () =>
    withTenant(runtime, slug, async () => {
      const tenant = await getTenant(runtime.control, slug);
      const { id, rows } = await backUpAndVerify(runtime, tenant);
      const pruned = await pruneBackups(runtime, tenant);
      await retireKeys(runtime, tenant);
      say(`backup of ${slug}: ${id}, ${rows} rows, verified; ${pruned.length} no longer kept`);
    }),
  );
};
