import { pruneBackups } from '../../control-plane/backups/prune-backups.js';
import { getTenant } from '../../control-plane/tenants/store.js';
import { withTenant } from '../../control-plane/tenants/tenant-lock.js';
import { table } from '../print/table.js';
import { withRuntime } from '../runtime/with-runtime.js';
import { confirm } from '../terminal/consent.js';
import type { Context } from '../terminal/context.js';

/** `ringfence backups prune <tenant> [--dry-run]` */
export const backupsPrune = async (
  context: Context,
  { dryRun = false }: { dryRun?: boolean },
  slug: string,
): Promise<void> => {
  if (!dryRun) await confirm(context, `Remove the backups of ${slug} that are no longer kept?`);
  const pruned = await withRuntime(context, (runtime) =>
    withTenant(runtime, slug, async () =>
      pruneBackups(runtime, await getTenant(runtime.control, slug), { dryRun }),
    ),
  );
  context.result(
    pruned.map(({ id, startedAt }) => ({ id, startedAt })),
    () =>
      `${table(
        ['backup', 'taken'],
        pruned.map(({ id, startedAt }) => [id, startedAt.toISOString()]),
      )}${pruned.length} ${dryRun ? 'would be removed' : 'removed'}\n`,
  );
};
