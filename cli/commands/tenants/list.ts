import { defineCommand } from '../../command/define-command.js';
import { table } from '../../print/table.js';
import { isFresh, withRuntime } from '../../runtime/with-runtime.js';
import type { Context } from '../../terminal/context.js';

const NONE = 'no tenants yet: `ringfence tenants add` onboards one\n';

/** `ringfence tenants list [--removed]` */
export const tenantsList = defineCommand({
  name: 'list',
  description: 'every tenant with its cell and state',
  options: {
    removed: { description: 'those that were removed, with the backups that bring them back' },
  },
  examples: ['ringfence tenants list', 'ringfence tenants list --removed'],
  run: async (context, options) => {
    const { lastGoodBackups } = await import('../../../control-plane/backups/store.js');
    const { listTenants } = await import('../../../control-plane/tenants/store.js');
    if (await isFresh(context)) return context.result([], () => NONE);
    if (options.removed) return listRemoved(context);
    await withRuntime(context, async (runtime) => {
      const backups = await lastGoodBackups(runtime.control);
      const tenants = (await listTenants(runtime.control)).map((tenant) => ({
        slug: tenant.slug,
        id: tenant.id,
        legalName: tenant.legalName,
        state: tenant.state,
        tier: tenant.tier,
        cell: tenant.cell,
        plan: tenant.plan,
        clinics: Object.keys(tenant.clinicIds).length,
        deployedAt: tenant.deployedAt,
        lastVerifiedBackupAt: backups.get(tenant.id) ?? null,
      }));
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
                tenant.cell,
                tenant.plan,
                String(tenant.clinics),
                tenant.lastVerifiedBackupAt?.toISOString() ?? '-',
              ]),
            ),
      );
    });
  },
});

const listRemoved = async (context: Context): Promise<void> => {
  const { listBackups } = await import('../../../control-plane/backups/store.js');
  const { listRemovedTenants } = await import('../../../control-plane/tenants/store.js');
  await withRuntime(context, async (runtime) => {
    const removed = await listRemovedTenants(runtime.control);
    const tenants = await Promise.all(
      removed.map(async ({ id, slug, legalName, cell, removedAt, finalBackup }) => {
        const backups = await listBackups(runtime.control, id);
        const final = backups.find((backup) => backup.id === finalBackup) ?? null;
        return { slug, id, legalName, cell, removedAt, finalBackup: final, backups: backups.length };
      }),
    );
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
  });
};
