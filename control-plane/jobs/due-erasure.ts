import { translateIfDatabaseError } from '../../data-plane/database/errors.js';
import { RingfenceError } from '../../tenants/errors.js';
import { eraseTenant } from '../erasure/erase-tenant.js';
import type { TaskContext } from './task.js';

/**
 * Carries out an erasure whose time has come, or that was killed.
 * @param lastTry alerts when this one fails too.
 */
export const dueErasure = async (context: TaskContext, slug: string, lastTry: boolean): Promise<void> => {
  const { runtime, say } = context;
  try {
    const { id, tenantId } = await eraseTenant(runtime, slug);
    say(`tenant ${tenantId} is erased: certificate ${id}`);
  } catch (error) {
    const failure = translateIfDatabaseError(error);
    const code = failure instanceof RingfenceError ? failure.code : 'internal';
    say(`erasure of ${slug} failed: ${code}`);
    if (lastTry)
      await context.alert({
        kind: 'erasure',
        text: `Ringfence could not erase ${slug}: ${code}. It tries again within the hour.`,
        detail: { tenant: slug, code },
      });
    throw error;
  }
};
