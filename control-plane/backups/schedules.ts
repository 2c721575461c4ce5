import type pg from 'pg';
import type { BackupSchedule, BackupScheduleStore } from '../../stacks/protocol/provider/dependencies.js';

/** Backup schedules in the control database, where the jobs read them. */
export const backupSchedules = (control: pg.Pool): BackupScheduleStore => ({
  get: async (tenantId) =>
    (
      await control.query<BackupSchedule>(
        `SELECT cron, time_zone AS "timeZone", retention_days AS "retentionDays",
                retention_weeks AS "retentionWeeks", retention_months AS "retentionMonths", rpo_minutes AS "rpoMinutes"
           FROM control.backup_schedules WHERE tenant_id = $1`,
        [tenantId],
      )
    ).rows[0],
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
