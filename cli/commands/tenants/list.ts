import type { listedTenantsView } from '../../../control-plane/tenant-status/views.js';
import { defineCommand, NOT_ON_WORKER } from '../../command/define-command.js';
import { table } from '../../print/table.js';
import { isFresh, withRuntime } from '../../runtime/with-runtime.js';
import type { Context } from '../../terminal/context.js';

const NONE = 'no tenants yet: `ringfence tenants add` onboards one\n';

export const tenantsList = defineCommand({
  name: 'list',
  description: 'every tenant with its cell and state',
  options: {
    removed: { description: 'those that were removed, with the backups that bring them back' },
  },
  examples: ['ringfence tenants list', 'ringfence tenants list --removed'],
  notOnWorker: NOT_ON_WORKER.saysWhatItCan,
  view: async () => (await import('../../../control-plane/tenant-status/views.js')).listedTenantsView,
  run: async (context, options) => {
    if (await isFresh(context)) return context.result([], () => NONE);
    if (options.removed) return listRemoved(context);
    const { listTenantsWithBackups } = await import('../../../control-plane/tenant-status/list-tenants.js');
    const tenants = await withRuntime(context, listTenantsWithBackups);
    context.result(tenants, () =>
      tenants.length === 0
        ? NONE
        : table(
            ['tenant', 'name', 'state', 'tier', 'cell', 'plan', 'clinics', 'last verified backup'],
            tenants.map((tenant) => [
              tenant.slug,
              tenant.legalName,
              tenant.state,
              tenant.tier,
              tenant.cellState === 'running' ? tenant.cell : `${tenant.cell} (${tenant.cellState})`,
              tenant.plan,
              String(tenant.clinics),
              tenant.lastVerifiedBackupAt?.toISOString() ?? '-',
            ]),
          ),
    );
  },
});

const listRemoved = async (context: Context<typeof listedTenantsView>): Promise<void> => {
  const { listRemovedWithBackups } = await import(
    '../../../control-plane/tenant-status/list-removed-tenants.js'
  );
  const tenants = await withRuntime(context, listRemovedWithBackups);
  context.result(tenants, () =>
    tenants.length === 0
      ? 'no removed tenants\n'
      : table(
          ['tenant', 'name', 'cell', 'removed', 'final backup', 'rows', 'backups'],
          tenants.map((tenant) => [
            tenant.slug,
            tenant.legalName,
            tenant.cell,
            tenant.removedAt?.toISOString() ?? '-',
            tenant.finalBackup?.id ?? '-',
            String(tenant.finalBackup?.rows ?? '-'),
            String(tenant.backups),
          ]),
        ),
  );
};
