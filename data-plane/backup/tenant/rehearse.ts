import type { Connection } from '../../database/connect.js';
import { withConnection } from '../../database/connect.js';
import { restoreBackup } from './restore/restore.js';
import type { ArchivePlace } from './take.js';

/** A tenant as the backup needs to find it in an empty cell. */
export interface RehearsedTenant {
  readonly tenantId: string;
  readonly slug: string;
  /** Ids by slug. */
  readonly clinicIds: Readonly<Record<string, string>>;
}

/**
 * Restores a backup into an empty cell that has the same tables, as after the loss of the tenant's own: its rows are
 * written with all constraints and triggers, read again and compared.
 *
 * @returns how many rows came back.
 * @throws RingfenceError as `restoreBackup`; backup_refused too when the application has tables that the cell has not.
 */
export const rehearseRestore = async (
  admin: Connection,
  tenant: RehearsedTenant,
  backup: ArchivePlace,
): Promise<number> => {
  await withConnection(admin, async (client) => {
    await client.query(
      `INSERT INTO ringfence.tenants (id, slug, state, login_role) VALUES ($1, $2, 'active', 'rehearsal')`,
      [tenant.tenantId, tenant.slug],
    );
    await client.query(
      `INSERT INTO ringfence.clinics (id, tenant_id, slug, name, vertical, time_zone, state)
       SELECT value::uuid, $1, key, key, 'other', 'UTC', 'active' FROM jsonb_each_text($2)`,
      [tenant.tenantId, JSON.stringify(tenant.clinicIds)],
    );
  });
  const { tables } = await restoreBackup({ ...backup, admin, dryRun: false });
  return tables.reduce((sum, { inserted }) => sum + inserted, 0);
};
