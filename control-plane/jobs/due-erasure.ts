import { eraseTenant } from '../erasure/erase-tenant.js';
import type { TaskContext } from './task.js';
import { toldWhenFailed } from './told-when-failed.js';

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
