import type pg from 'pg';
import type { ScheduledTenant } from './due-backups.js';

/** Every tenant that is deployed and has a schedule. A backup that failed counts as begun: its job tries again itself. */
export const listScheduledTenants = async (control: pg.Pool): Promise<ScheduledTenant[]> =>
  (
    await control.query<ScheduledTenant>(
      `SELECT t.id AS "tenantId", t.slug, s.cron, s.time_zone AS "timeZone",
              (SELECT max(b.started_at) FROM control.backups b WHERE b.tenant_id = t.id) AS "lastStartedAt"
         FROM control.tenants t JOIN control.backup_schedules s ON s.tenant_id = t.id
        WHERE t.state IN ('active', 'suspended') ORDER BY t.slug`,
    )
  ).rows;
