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
 * Removes backups that have expiredBackups their retention. A verified one is never removed for one that is not: only
 * verified backups are counted, and one that is merely stored goes when a newer verified one is there. The record
 * changes first, so a killed run leaves objects that the next one removes, and never a record without its object. The
 * object of one that incremental backups refer to stays until the last of those has gone too.
 * An object that is locked goes with the first run after its lock. The caller holds the tenant's lock.
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
