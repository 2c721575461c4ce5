import { type BackupHealth, readBackupHealth } from '../registry/backup-health.js';
import type { Runtime } from '../runtime.js';

/** A tenant's backups against what it was promised. */
export interface BackupStatus extends BackupHealth {
  /** Of the newest verified backup; null where there is none. */
  readonly ageMinutes: number | null;
  readonly overdue: boolean;
  /** What the archives cost to keep, at the price of S3 Standard. */
  readonly storageUsdPerMonth: number;
}

const MINUTE_MS = 60_000;
/** S3 Standard in eu-central-1, November 2026; the first 50 TB. A folder costs its disk. */
const USD_PER_GB_MONTH = 0.0245;

/** Every deployed tenant, the most overdue first. */
export const backupStatus = async (runtime: Runtime): Promise<BackupStatus[]> => {
  const now = runtime.now().getTime();
  const statuses = (await readBackupHealth(runtime.control)).map((health) => {
    const ageMinutes = health.lastGoodAt ? Math.round((now - health.lastGoodAt.getTime()) / MINUTE_MS) : null;
    const overdue = ageMinutes === null || ageMinutes > health.rpoMinutes;
    const storageUsdPerMonth = (health.storedBytes / 1e9) * USD_PER_GB_MONTH;
    return { ...health, ageMinutes, overdue, storageUsdPerMonth };
  });
  const lateness = ({ ageMinutes, rpoMinutes }: BackupStatus): number =>
    ageMinutes === null ? Number.POSITIVE_INFINITY : ageMinutes - rpoMinutes;
  return statuses.sort((a, b) => lateness(b) - lateness(a));
};
