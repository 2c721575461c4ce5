import type { TaskContext } from '../jobs/task.js';
import { toldWhenFailed } from '../jobs/told-when-failed.js';
import { retireKeys } from '../keys/retire-keys.js';
import { getTenant } from '../tenants/store.js';
import { withTenant } from '../tenants/tenant-lock.js';
import { backUpAndVerify } from './backup-tenant.js';
import { pruneBackups } from './prune-backups.js';

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
