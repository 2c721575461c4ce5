import { defineCommand } from '../../command/define-command.js';
import { size, table } from '../../print/table.js';
import { withRuntime } from '../../runtime/with-runtime.js';

/** Of a removed one too. */
export const backupsList = defineCommand({
  name: 'list',
  description: 'the backups of a tenant',
  arguments: ['<tenant>'],
  examples: ['ringfence backups list clinica-sonrisa'],
  view: async () => (await import('../../../control-plane/backups/views.js')).backupView.array(),
  run: async (context, _options, slug) => {
    const { listTenantBackups } = await import('../../../control-plane/backups/list-tenant-backups.js');
    const backups = await withRuntime(context, (runtime) => listTenantBackups(runtime, slug));
    context.result(backups, () =>
      table(
        ['backup', 'taken', 'kind', 'state', 'rows', 'size', 'key'],
        backups.map((backup) => [
          backup.id,
          backup.startedAt.toISOString(),
          backup.kind,
          backup.state,
          String(backup.rows ?? '-'),
          backup.sizeBytes === null ? '-' : size(backup.sizeBytes),
          `v${backup.keyVersion}`,
        ]),
      ),
    );
  },
});
