import type pg from 'pg';
import { z } from 'zod';
import { WEEKDAYS } from '../../manifest/primitives.js';
import { readRows } from '../project/read-rows.js';
import type { MaintenanceWindow } from './maintenance-window.js';

export const maintenanceWindow = z.object({
  weekday: z.enum(WEEKDAYS),
  start: z.string(),
  durationMinutes: z.int(),
  timeZone: z.string(),
});

const rowSchema = z.object({ window: maintenanceWindow });

/** Of every deployed tenant that has one, or of one. */
export const listMaintenanceWindows = async (
  control: pg.Pool,
  slug: string | null = null,
): Promise<MaintenanceWindow[]> => {
  const { rows } = await control.query(
    `SELECT maintenance_window AS "window" FROM control.tenants
        WHERE state IN ('active', 'suspended') AND maintenance_window IS NOT NULL AND ($1::text IS NULL OR slug = $1)`,
    [slug],
  );
  return readRows(rowSchema, 'control.tenants', rows).map(({ window }) => window);
};
