import type pg from 'pg';

/** What the control database knows of a tenant's backups. */
export interface BackupHealth {
  readonly slug: string;
  readonly lastGoodAt: Date | null;
  readonly lastVerifiedAt: Date | null;
  readonly lastFailedAt: Date | null;
  readonly rpoMinutes: number;
  readonly backups: number;
  readonly storedBytes: number;
}

/** Every tenant that is deployed. */
export const readBackupHealth = async (control: pg.Pool): Promise<BackupHealth[]> =>
  (
    await control.query<BackupHealth>(
      `SELECT t.slug, coalesce(s.rpo_minutes, 1440) AS "rpoMinutes",
              max(b.started_at) FILTER (WHERE b.state = 'verified') AS "lastGoodAt",
              max(b.verified_at) FILTER (WHERE b.state = 'verified') AS "lastVerifiedAt",
              max(b.finished_at) FILTER (WHERE b.state = 'failed') AS "lastFailedAt",
              count(*) FILTER (WHERE b.state IN ('verified', 'stored'))::int AS backups,
              coalesce(sum(b.size_bytes) FILTER (WHERE b.state IN ('verified', 'stored')), 0)::float8 AS "storedBytes"
         FROM control.tenants t
         LEFT JOIN control.backup_schedules s ON s.tenant_id = t.id
         LEFT JOIN control.backups b ON b.tenant_id = t.id
        WHERE t.state IN ('active', 'suspended')
        GROUP BY t.slug, s.rpo_minutes ORDER BY t.slug`,
    )
  ).rows;
