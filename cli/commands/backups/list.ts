import { defineCommand } from '../../command/define-command.js';
import { size, table } from '../../print/table.js';
import { withRuntime } from '../../runtime/with-runtime.js';

/** `ringfence backups list <tenant>`, of a removed one too. */
export const backupsList = defineCommand({
  name: 'list',
  description: 'the backups of a tenant',
  arguments: ['<tenant>'],
  examples: ['ringfence backups list clinica-sonrisa'],
  run: async (context, _options, slug) => {
    const { listBackups } = await import('../../../control-plane/backups/store.js');
    const { getKnownTenant } = await import('../../../control-plane/tenants/store.js');
    const backups = await withRuntime(context, async (runtime) =>
      listBackups(runtime.control, (await getKnownTenant(runtime.control, slug)).id),
    );
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
