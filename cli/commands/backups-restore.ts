import { restoreTenant } from '../../control-plane/operations/tenant-backups.js';
import { type Context, confirm } from '../context.js';
import { table } from '../print.js';
import { withRuntime } from '../with-runtime.js';

interface Options {
  readonly backup?: string;
  readonly table: readonly string[];
  readonly dryRun?: boolean;
}

/** `ringfence backups restore <tenant> [--table ...] [--dry-run]` */
export const backupsRestore = async (context: Context, options: Options, slug: string): Promise<void> => {
  const dryRun = options.dryRun === true;
  const request = { tables: options.table, ...(options.backup ? { backupId: options.backup } : {}) };
  const report = await withRuntime(context, async (runtime) => {
    if (!dryRun)
      await confirm(
        context,
        `Bring ${options.table.join(', ') || 'all rows'} of ${slug} back to the backup?`,
      );
    return restoreTenant(runtime, slug, { ...request, dryRun });
  });
  context.result({ slug, dryRun, ...report }, () => {
    const rows = report.tables.map((row) =>
      [row.table, row.inBackup, row.live, row.inserted, row.updated, row.deleted, row.unchanged].map(String),
    );
    const head = ['table', 'in backup', 'live', 'inserted', 'updated', 'deleted', 'unchanged'];
    return `${table(head, rows)}backup ${report.backupId}${dryRun ? '; dry run: nothing was changed' : ''}\n`;
  });
};
