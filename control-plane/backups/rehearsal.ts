import { inWindow, type Waiting } from '../jobs/in-window.js';
import { listMaintenanceWindows } from '../jobs/maintenance-windows.js';
import type { TaskContext } from '../jobs/task.js';
import { toldWhenFailed } from '../jobs/told-when-failed.js';
import { nextToRehearse, notRehearsedSince } from './rehearsals.js';
import { rehearseTenant } from './rehearse-restore.js';

const FAILING = {
  what: 'rehearsal of a restore',
  alert: (code: string) => ({
    kind: 'rehearsal' as const,
    text: `Ringfence could not restore a backup into an empty cell: ${code}.`,
    detail: { code },
  }),
};
/** One rehearsal a week; a window delays it by a week at most. */
const MAX_AGE_MS = 14 * 86_400_000;

/**
 * Restores a backup into an empty cell, in the maintenance window of its tenant. Takes the tenant whose last rehearsal is
 * longest ago. A project without backups has nothing to rehearse yet.
 * @param lastTry alerts when this one fails too.
 */
export const rehearsal = (
  context: TaskContext,
  { lastTry, ...queue }: Pick<Waiting, 'isRetry' | 'postpone'> & { readonly lastTry: boolean },
): Promise<void> =>
  toldWhenFailed(context, { ...FAILING, lastTry }, async () => {
    const { control } = context.runtime;
    const slug = await nextToRehearse(control);
    const since = await notRehearsedSince(control);
    if (slug === undefined || since === undefined) return;
    const waiting = {
      what: `rehearsal of ${slug}`,
      windows: await listMaintenanceWindows(control, slug),
      dueBy: new Date(since.getTime() + MAX_AGE_MS),
      ...queue,
    };
    await inWindow(context, waiting, async () => {
      const { rows, restoreMs } = await rehearseTenant(context.runtime, { slug });
      context.say(
        `rehearsal of ${slug}: ${rows} rows restored into an empty cell in ${Math.round(restoreMs)} ms`,
      );
    });
  });
