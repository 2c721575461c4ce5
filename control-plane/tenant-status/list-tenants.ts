import { lastGoodBackups } from '../backups/store.js';
import { type CellFound, findCells } from '../cells/passed-over.js';
import type { Runtime } from '../runtime.js';
import { listTenants, type RegisteredTenant } from '../tenants/store.js';

/** A tenant in a list. */
export interface ListedTenant
  extends Pick<
    RegisteredTenant,
    'slug' | 'id' | 'legalName' | 'state' | 'tier' | 'cell' | 'plan' | 'deployedAt'
  > {
  readonly clinics: number;
  readonly lastVerifiedBackupAt: Date | null;
  /** Of its cell: only a tenant of a running one can be reached. */
  readonly cellState: CellFound['state'];
}

/** Every tenant that is not removed, by slug. */
export const listTenantsWithBackups = async ({ control, target }: Runtime): Promise<ListedTenant[]> => {
  const backups = await lastGoodBackups(control);
  const cells = await findCells(control, async ({ name }) => (await target.server(name)).state());
  const states = new Map(cells.map(({ cell, state }) => [cell.name, state]));
  return (await listTenants(control)).map((tenant) => ({
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
    cellState: states.get(tenant.cell) ?? 'absent',
  }));
};
