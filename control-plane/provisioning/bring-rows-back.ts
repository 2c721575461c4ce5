import { restoreBackup } from '../../data-plane/backup/tenant/restore/restore.js';
import { RingfenceError } from '../../manifest/index.js';
import { lossOf } from '../backups/restore-loss.js';
import type { BackupRecord } from '../backups/store.js';
import { withBackup } from '../backups/with-backup.js';
import type { Runtime } from '../runtime.js';
import type { RegisteredTenant } from '../tenants/store.js';

/** Restores every row of a backup into a tenant without rows. @throws RingfenceError `conflict` where rows would go. */
export const bringRowsBack = async (
  runtime: Runtime,
  registered: RegisteredTenant,
  backup: BackupRecord,
): Promise<void> => {
  await withBackup(runtime, registered, backup.id, ({ source }) =>
    restoreBackup({ ...source, dryRun: false }, (report) => {
      if (lossOf(report).deleted === 0) return;
      const { slug } = registered;
      throw new RingfenceError('conflict', `tenant ${slug} has rows by now that its final backup has not`, {
        fix: `deploy it with \`ringfence tenants apply ${slug}\`, then bring back what is missing: ringfence backups restore ${slug} --backup ${backup.id} --mode missing-only`,
      });
    }),
  );
};
