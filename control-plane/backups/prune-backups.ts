import { expiredBackups } from '../../data-plane/backup/retention.js';
import { removedOrLocked } from '../../data-plane/objects/removed-or-locked.js';
import type { Runtime } from '../runtime.js';
import type { RegisteredTenant } from '../tenants/store.js';
import {
  type BackupRecord,
  listBackups,
  listRemovable,
  recordBackupExpired,
  recordBackupRemoved,
} from './store.js';

/**
 * Removes backups whose retention has ended. Only verified backups count for the retention; a backup that is merely stored
 * goes when there is a newer verified one. The record changes before the object goes: the next run removes objects that a
 * killed run left, and no good record is ever without its object. The object of a base stays until the last backup that
 * refers to it has gone. A locked object goes with the first run after its lock. The caller holds the tenant's lock.
 */
export const pruneBackups = async (
  runtime: Runtime,
  tenant: RegisteredTenant,
  options: { readonly dryRun?: boolean } = {},
): Promise<BackupRecord[]> => {
  const { control, target } = runtime;
  const retention = await target.schedules.get(tenant.id);
  if (!retention) return [];
  const backups = await listBackups(control, tenant.id);
  const verified = backups.filter(({ state }) => state === 'verified');
  const [newest] = verified;
  const superseded = backups.filter(
    ({ state, startedAt }) => state === 'stored' && newest !== undefined && startedAt < newest.startedAt,
  );
  const expired = [...expiredBackups(verified, retention), ...superseded];
  if (options.dryRun) return expired;
  for (const backup of expired) await recordBackupExpired(control, backup.id);
  runtime.reached('backups-expired');
  for (const backup of await listRemovable(control, tenant.id)) {
    if (await removedOrLocked(target.objects.at(backup.place, backup.cell), backup.objectKey)) {
      runtime.reached('backup-object-removed');
      await recordBackupRemoved(control, backup.id);
    }
  }
  return expired;
};
