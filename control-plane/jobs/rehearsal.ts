import { translateIfDatabaseError } from '../../data-plane/database/errors.js';
import { RingfenceError } from '../../tenants/errors.js';
import { rehearseTenant } from '../operations/rehearse-restore.js';
import type { TaskContext } from './task.js';

/**
 * Restores a backup of the tenant that was rehearsed longest ago into an empty cell.
 * @param lastTry alerts when this one fails too.
 */
export const rehearsal = async ({ runtime, say, alert }: TaskContext, lastTry: boolean): Promise<void> => {
  try {
    const { slug, rows, restoreMs } = await rehearseTenant(runtime, {});
    say(`rehearsal of ${slug}: ${rows} rows restored into an empty cell in ${Math.round(restoreMs)} ms`);
  } catch (error) {
    const failure = translateIfDatabaseError(error);
    const code = failure instanceof RingfenceError ? failure.code : 'internal';
    // A project without backups has nothing to rehearse yet.
    if (code === 'backup_not_found') return;
    say(`rehearsal of a restore failed: ${code}`);
    if (lastTry)
      await alert({
        kind: 'rehearsal',
        text: `Ringfence could not restore a backup into an empty cell: ${code}.`,
        detail: { code },
      });
    throw error;
  }
};
