import type pg from 'pg';
import type { MaintenanceWindow } from './maintenance-window.js';

/** The windows of all deployed tenants, or of one tenant. */
export const listMaintenanceWindows = async (
  control: pg.Pool,
  slug: string | null = null,
): Promise<MaintenanceWindow[]> =>
  (
    await control.query<{ window: MaintenanceWindow }>(
      `SELECT maintenance_window AS "window" FROM control.tenants
        WHERE state IN ('active', 'suspended') AND maintenance_window IS NOT NULL AND ($1::text IS NULL OR slug = $1)`,
      [slug],
    )
  ).rows.map(({ window }) => window);
