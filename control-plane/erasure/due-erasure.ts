import type { TaskContext } from '../jobs/task.js';
import { toldWhenFailed } from '../jobs/told-when-failed.js';
import { eraseTenant } from './erase-tenant.js';

/**
 * Carries out an erasure whose time has come, or that was killed.
 * @param lastTry alerts when this one fails too.
 */
export const dueErasure = (context: TaskContext, slug: string, lastTry: boolean): Promise<void> => {
  const failing = {
    what: `erasure of ${slug}`,
    alert: (code: string) => ({
      kind: 'erasure' as const,
      text: `Ringfence could not erase ${slug}: ${code}. It tries again within the hour.`,
      detail: { tenant: slug, code },
    }),
    lastTry,
  };
  return toldWhenFailed(context, failing, async () => {
    const { id, tenantId } = await eraseTenant(context.runtime, slug);
    context.say(`tenant ${tenantId} is erased: certificate ${id}`);
  });
};
