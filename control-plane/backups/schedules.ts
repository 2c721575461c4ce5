import type pg from 'pg';
import { z } from 'zod';
import {
  type BackupSchedule,
  type BackupScheduleStore,
  backupScheduleSchema,
} from '../../stacks/protocol/provider/dependencies.js';
import { readRows } from '../project/read-rows.js';
import type { ScheduledTenant } from './due-backups.js';

const scheduledSchema = z.object({
  tenantId: z.guid(),
  slug: z.string(),
  cron: z.string(),
  timeZone: z.string(),
  lastStartedAt: z.date().nullable(),
});

const TABLE = 'control.backup_schedules';

/** Backup schedules in the control database, where the jobs read them. */
export const backupSchedules = (control: pg.Pool): BackupScheduleStore => ({
  get: async (tenantId): Promise<BackupSchedule | undefined> => {
    const { rows } = await control.query(
      `SELECT cron, time_zone AS "timeZone", retention_days AS "retentionDays",
                retention_weeks AS "retentionWeeks", retention_months AS "retentionMonths", rpo_minutes AS "rpoMinutes"
           FROM control.backup_schedules WHERE tenant_id = $1`,
      [tenantId],
    );
    return readRows(backupScheduleSchema, TABLE, rows)[0];
  },
  put: async (tenantId, schedule) => {
    await control.query(
      `INSERT INTO control.backup_schedules AS known
         (tenant_id, cron, time_zone, retention_days, retention_weeks, retention_months, rpo_minutes)
       VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (tenant_id) DO UPDATE SET cron = excluded.cron, time_zone = excluded.time_zone,
         retention_days = excluded.retention_days, retention_weeks = excluded.retention_weeks,
         retention_months = excluded.retention_months, rpo_minutes = excluded.rpo_minutes`,
      [
        tenantId,
        schedule.cron,
        schedule.timeZone,
        schedule.retentionDays,
        schedule.retentionWeeks,
        schedule.retentionMonths,
        schedule.rpoMinutes,
      ],
    );
  },
  delete: async (tenantId) => {
    await control.query('DELETE FROM control.backup_schedules WHERE tenant_id = $1', [tenantId]);
  },
});

/** Every tenant that is deployed and has a schedule. A backup that failed counts as begun: its job tries again itself. */
export const listScheduledTenants = async (control: pg.Pool): Promise<ScheduledTenant[]> => {
  const { rows } = await control.query(
    `SELECT t.id AS "tenantId", t.slug, s.cron, s.time_zone AS "timeZone",
              (SELECT max(b.started_at) FROM control.backups b WHERE b.tenant_id = t.id) AS "lastStartedAt"
         FROM control.tenants t JOIN control.backup_schedules s ON s.tenant_id = t.id
        WHERE t.state IN ('active', 'suspended') ORDER BY t.slug`,
  );
  return readRows(scheduledSchema, TABLE, rows);
};
