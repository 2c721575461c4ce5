import type pg from 'pg';

/** A former version of a tenant's key, and the things that may still need it. */
export interface OlderKeyVersion {
  readonly version: number;
  /** The time since which no field of the tenant is sealed under it; null while some fields are, or while nobody has looked. */
  readonly supersededAt: Date | null;
  readonly destroyedAt: Date | null;
  /**
   * Kept backups that are sealed under this version, or that began while fields were. Before it is superseded: all that are
   * sealed under it or an older version.
   */
  readonly backups: number;
}

/** Ascending. */
export const olderKeyVersions = async (control: pg.Pool, tenantId: string): Promise<OlderKeyVersion[]> =>
  (
    await control.query<OlderKeyVersion>(
      `SELECT k.version, k.superseded_at AS "supersededAt", k.destroyed_at AS "destroyedAt",
              (SELECT count(*)::int FROM control.backups b
                WHERE b.tenant_id = k.tenant_id AND b.state <> 'failed' AND b.removed_at IS NULL
                  AND (b.key_version <= k.version OR b.started_at <= k.superseded_at)) AS backups
         FROM control.tenant_keys k
        WHERE k.tenant_id = $1 AND k.version < (SELECT max(version) FROM control.tenant_keys WHERE tenant_id = $1)
        ORDER BY k.version`,
      [tenantId],
    )
  ).rows;

/** Keeps the first time; null takes it back, because a restore has brought fields of the version back. */
export const recordSuperseded = async (
  control: pg.Pool,
  tenantId: string,
  version: number,
  at: Date | null,
): Promise<void> => {
  await control.query(
    `UPDATE control.tenant_keys SET superseded_at = CASE WHEN $3::timestamptz IS NOT NULL THEN coalesce(superseded_at, $3) END
      WHERE tenant_id = $1 AND version = $2`,
    [tenantId, version, at],
  );
};
