import { type BackupHealth, readBackupHealth } from '../registry/backup-health.js';
import type { Runtime } from '../runtime.js';

/** A tenant's backups against what it was promised. */
export interface BackupStatus extends BackupHealth {
  /** Of the newest verified backup; null where there is none. */
  readonly ageMinutes: number | null;
  readonly overdue: boolean;
}

const MINUTE_MS = 60_000;

/** Every deployed tenant, the most overdue first. */
export const backupStatus = async (runtime: Runtime): Promise<BackupStatus[]> => {
  const now = runtime.now().getTime();
  const statuses = (await readBackupHealth(runtime.control)).map((health) => {
    const ageMinutes = health.lastGoodAt ? Math.round((now - health.lastGoodAt.getTime()) / MINUTE_MS) : null;
    return { ...health, ageMinutes, overdue: ageMinutes === null || ageMinutes > health.rpoMinutes };
  });
  const lateness = ({ ageMinutes, rpoMinutes }: BackupStatus): number =>
    ageMinutes === null ? Number.POSITIVE_INFINITY : ageMinutes - rpoMinutes;
  return statuses.sort((a, b) => lateness(b) - lateness(a));
};
