import { lastGoodBackups } from '../../control-plane/registry/backups.js';
import { listTenants } from '../../control-plane/registry/tenants.js';
import type { Context } from '../context.js';
import { table } from '../print.js';
import { isFresh, withRuntime } from '../with-runtime.js';

const NONE = 'no tenants yet: `ringfence tenants add` onboards one\n';

/** `ringfence tenants list` */
export const tenantsList = async (context: Context): Promise<void> => {
  if (await isFresh(context)) return context.result([], () => NONE);
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
};
