import type { ArchivePlace } from '../../data-plane/backup/tenant/take.js';
import type { Connection } from '../../data-plane/database/connect.js';
import { type BackupRecord, chooseBackup } from '../registry/backups.js';
import type { RegisteredTenant } from '../registry/tenants.js';
import type { Runtime } from '../runtime.js';

/**
 * A tenant's backup with all that its restore needs; the newest verified one without an id.
 * @throws RingfenceError `backup_not_found`
 */
export const openBackup = async (
  runtime: Runtime,
  tenant: RegisteredTenant,
  backupId: string | undefined,
): Promise<{
  readonly backup: BackupRecord;
  readonly source: ArchivePlace & { readonly admin: Connection };
}> => {
  const backup = await chooseBackup(runtime.control, tenant.id, backupId);
  const source = {
    admin: await runtime.target.adminConnection(tenant.cell),
    tenantId: tenant.id,
    key: await runtime.target.tenantKeys.load(tenant.id, backup.keyVersion),
    store: runtime.target.objects.at(backup.place, backup.cell),
    objectKey: backup.objectKey,
    backupId: backup.id,
  };
  return { backup, source };
};
