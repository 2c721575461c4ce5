import type { Caller } from '../../core/caller.js';
import type { ArchivePlace } from '../../data-plane/backup/tenant/take.js';
import type { Connection } from '../../data-plane/database/connect.js';
import { usingKey } from '../../data-plane/keys/using-keys.js';
import type { Runtime } from '../runtime.js';
import type { RegisteredTenant } from '../tenants/store.js';
import { type BackupRecord, chooseBackup } from './store.js';

/** A tenant's backup with all that its restore needs. */
interface OpenBackup {
  readonly backup: BackupRecord;
  readonly source: ArchivePlace & { readonly admin: Connection; readonly caller: Caller };
}

/**
 * Runs `work` with a tenant's backup; the newest verified one without an id. Its key is wiped afterwards.
 * @throws RingfenceError `backup_not_found`
 */
export const withBackup = async <T>(
  runtime: Runtime,
  tenant: RegisteredTenant,
  backupId: string | undefined,
  work: (open: OpenBackup) => Promise<T>,
): Promise<T> => {
  const backup = await chooseBackup(runtime.control, tenant.id, backupId);
  const source = {
    admin: await runtime.target.adminConnection(tenant.cell),
    tenantId: tenant.id,
    store: runtime.target.objects.at(backup.place, backup.cell),
    objectKey: backup.objectKey,
    backupId: backup.id,
    caller: runtime.caller,
  };
  return usingKey(runtime.target.tenantKeys.load(tenant.id, backup.keyVersion), (key) =>
    work({ backup, source: { ...source, key } }),
  );
};
