import { defineCommand } from '../../command/define-command.js';
import { table } from '../../print/table.js';
import { withRuntime } from '../../runtime/with-runtime.js';
import { confirm } from '../../terminal/consent.js';

/** `ringfence backups prune <tenant> [--dry-run]` */
export const backupsPrune = defineCommand({
  name: 'prune',
  description: 'remove the backups that are no longer kept; scheduled backups do it themselves',
  arguments: ['<tenant>'],
  options: {
    dryRun: { description: 'only name them' },
  },
  run: async (context, { dryRun = false }, slug) => {
    const { pruneBackups } = await import('../../../control-plane/backups/prune-backups.js');
    const { getTenant } = await import('../../../control-plane/tenants/store.js');
    const { withTenant } = await import('../../../control-plane/tenants/tenant-lock.js');
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
  },
});
