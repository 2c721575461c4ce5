import { defineCommand } from '../../command/define-command.js';
import { size } from '../../print/table.js';
import { withRuntime } from '../../runtime/with-runtime.js';

export const backupsRun = defineCommand({
  name: 'run',
  description: 'take a backup and verify it; only what changed since the last one is stored',
  arguments: ['<tenant>'],
  options: {
    full: { description: 'store everything; done by itself after seven days' },
  },
  examples: ['ringfence backups run clinica-sonrisa'],
  onWorker: { kind: 'backups run' },
  view: async () => (await import('../../../control-plane/backups/views.js')).backupSummaryView,
  run: async (context, options, slug) => {
    const { backUpTenant } = await import('../../../control-plane/backups/tenant-backups.js');
    const summary = await withRuntime(context, (runtime) => backUpTenant(runtime, slug, options));
    context.result(
      summary,
      () =>
        `${summary.id}  ${summary.kind}  ${summary.rows} rows  ${size(summary.storedBytes)}  verified: restored into a scratch copy, digests equal\n`,
    );
  },
});
