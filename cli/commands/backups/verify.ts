import { defineCommand } from '../../command/define-command.js';
import { withRuntime } from '../../runtime/with-runtime.js';

export const backupsVerify = defineCommand({
  name: 'verify',
  description: 'restore into a scratch schema and compare digests',
  arguments: ['<tenant>'],
  options: {
    backup: { value: '<id>', description: 'this one' },
  },
  examples: ['ringfence backups verify clinica-sonrisa'],
  onWorker: { kind: 'backups verify' },
  view: async () => (await import('../../../control-plane/backups/views.js')).backupView,
  run: async (context, options, slug) => {
    const { verifyTenantBackup } = await import('../../../control-plane/backups/tenant-backups.js');
    const backup = await withRuntime(context, (runtime) => verifyTenantBackup(runtime, slug, options.backup));
    context.result(
      backup,
      () => `${backup.id}: ${backup.rows} rows restored into a scratch copy, digest ${backup.digest} equal\n`,
    );
  },
});
