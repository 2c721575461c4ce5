import { listBackups } from '../../control-plane/backups/store.js';
import { getKnownTenant } from '../../control-plane/tenants/store.js';
import { size, table } from '../print/table.js';
import { withRuntime } from '../runtime/with-runtime.js';
import type { Context } from '../terminal/context.js';

/** `ringfence backups list <tenant>`, of a removed one too. */
export const backupsList = async (context: Context, _options: unknown, slug: string): Promise<void> => {
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
};
