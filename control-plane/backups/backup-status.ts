import { lostCells } from '../cells/cells-up.js';
import type { Runtime } from '../runtime.js';
import { type BackupHealth, readBackupHealth } from './health.js';

/** A tenant's backups compared with its promise. */
export interface BackupStatus extends BackupHealth {
  /** Of the newest verified backup; null where there is none. */
  readonly ageMinutes: number | null;
  readonly overdue: boolean;
  /** Its rows are lost with its cell, and no backup can be taken. */
  readonly cellLost: boolean;
  /** What the archives cost to keep, at the price of S3 Standard. */
  readonly storageUsdPerMonth: number;
  /** Every second since this moment can be restored; null where only backups can be restored. */
  readonly restorableFrom: Date | null;
}

const MINUTE_MS = 60_000;
/** S3 Standard in eu-central-1, November 2026; the first 50 TB. A folder costs its disk. */
const USD_PER_GB_MONTH = 0.0245;

/** Every deployed tenant, the most overdue first. */
export const backupStatus = async (runtime: Runtime): Promise<BackupStatus[]> => {
  const now = runtime.now().getTime();
  const tenants = await readBackupHealth(runtime.control);
  const restorable = new Map<string, Date | null>();
  for (const cell of new Set(tenants.map((tenant) => tenant.cell)))
    restorable.set(cell, (await (await runtime.target.history(cell)).window())?.from ?? null);
  const lost = await lostCells(runtime);
  const statuses = tenants.map((health) => {
    const restorableFrom = restorable.get(health.cell) ?? null;
    const ageMinutes = health.lastGoodAt ? Math.round((now - health.lastGoodAt.getTime()) / MINUTE_MS) : null;
    const overdue = ageMinutes === null || ageMinutes > health.rpoMinutes;
    const storageUsdPerMonth = (health.storedBytes / 1e9) * USD_PER_GB_MONTH;
    const cellLost = lost.has(health.cell);
    return { ...health, ageMinutes, overdue, cellLost, storageUsdPerMonth, restorableFrom };
  });
  const lateness = ({ ageMinutes, rpoMinutes }: BackupStatus): number =>
    ageMinutes === null ? Number.POSITIVE_INFINITY : ageMinutes - rpoMinutes;
  return statuses.sort((a, b) => lateness(b) - lateness(a));
};
