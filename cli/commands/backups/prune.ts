import { defineCommand } from '../../command/define-command.js';
import { table } from '../../print/table.js';
import { withRuntime } from '../../runtime/with-runtime.js';
import { confirm } from '../../terminal/consent.js';

export const backupsPrune = defineCommand({
  name: 'prune',
  description: 'remove the backups that are no longer kept; scheduled backups do it themselves',
  arguments: ['<tenant>'],
  options: {
    dryRun: { description: 'only name them' },
  },
  view: async () => (await import('../../../control-plane/backups/views.js')).prunedBackupsView,
  run: async (context, { dryRun = false }, slug) => {
    const { pruneTenantBackups } = await import('../../../control-plane/backups/prune-tenant-backups.js');
    if (!dryRun) await confirm(context, `Remove the backups of ${slug} that are no longer kept?`);
    const pruned = await withRuntime(context, (runtime) => pruneTenantBackups(runtime, slug, { dryRun }));
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
