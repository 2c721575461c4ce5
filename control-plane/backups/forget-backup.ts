import { RingfenceError } from '../../core/errors.js';
import type { Runtime } from '../runtime.js';
import { withTenant } from '../tenants/tenant-lock.js';
import { type LostBackup, listLostBackups } from './lost.js';
import { recordBackupExpired } from './store.js';

/**
 * Gives a lost or damaged backup up: reports no longer name it, and the next pruning removes the rest of its object.
 * @throws RingfenceError `backup_not_found` for one that is not lost.
 */
export const forgetBackup = (runtime: Runtime, slug: string, id: string): Promise<LostBackup> =>
  withTenant(runtime, slug, async () => {
    const lost = (await listLostBackups(runtime.control)).filter((backup) => backup.slug === slug);
    const backup = lost.find((one) => one.id === id || (id.length >= 8 && one.id.startsWith(id)));
    if (!backup)
      throw new RingfenceError('backup_not_found', `tenant ${slug} has no lost backup ${id}`, {
        fix:
          lost.length > 0
            ? `choose from: ${lost.map((one) => one.id).join(', ')}`
            : 'none of its backups is lost',
      });
    await recordBackupExpired(runtime.control, backup.id);
    return backup;
  });
