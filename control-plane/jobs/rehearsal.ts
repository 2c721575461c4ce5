import { rehearseTenant } from '../operations/rehearse-restore.js';
import { nextToRehearse } from '../registry/rehearsals.js';
import type { TaskContext } from './task.js';
import { toldWhenFailed } from './told-when-failed.js';

const FAILING = {
  what: 'rehearsal of a restore',
  alert: (code: string) => ({
    kind: 'rehearsal' as const,
    text: `Ringfence could not restore a backup into an empty cell: ${code}.`,
    detail: { code },
  }),
};

/**
 * Restores a backup of the tenant that was rehearsed longest ago into an empty cell. A project without backups has nothing
 * to rehearse yet.
 * @param lastTry alerts when this one fails too.
 */
export const rehearsal = (context: TaskContext, lastTry: boolean): Promise<void> =>
  toldWhenFailed(context, { ...FAILING, lastTry }, async () => {
    const slug = await nextToRehearse(context.runtime.control);
    if (slug === undefined) return;
    const { rows, restoreMs } = await rehearseTenant(context.runtime, { slug });
    context.say(
      `rehearsal of ${slug}: ${rows} rows restored into an empty cell in ${Math.round(restoreMs)} ms`,
    );
  });
