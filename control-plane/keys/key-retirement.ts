import type pg from 'pg';
import { z } from 'zod';
import { readRows } from '../project/read-rows.js';

const olderSchema = z.object({
  version: z.int(),
  /** Since when no field of the tenant is sealed under it; null while some are, or while nobody has looked. */
  supersededAt: z.date().nullable(),
  destroyedAt: z.date().nullable(),
  /**
   * Kept backups that are sealed under this version, or that began while fields were. Before it is superseded: all that are
   * sealed under it or an older version.
   */
  backups: z.int(),
});

/** A version of a tenant's key that is not the newest, and what may still need it. */
export type OlderKeyVersion = Readonly<z.infer<typeof olderSchema>>;

/** Ascending. */
export const olderKeyVersions = async (control: pg.Pool, tenantId: string): Promise<OlderKeyVersion[]> => {
  const { rows } = await control.query(
    `SELECT k.version, k.superseded_at AS "supersededAt", k.destroyed_at AS "destroyedAt",
              (SELECT count(*)::int FROM control.backups b
                WHERE b.tenant_id = k.tenant_id AND b.state <> 'failed' AND b.removed_at IS NULL
                  AND (b.key_version <= k.version OR b.started_at <= k.superseded_at)) AS backups
         FROM control.tenant_keys k
        WHERE k.tenant_id = $1 AND k.version < (SELECT max(version) FROM control.tenant_keys WHERE tenant_id = $1)
        ORDER BY k.version`,
    [tenantId],
  );
  return readRows(olderSchema, 'control.tenant_keys', rows);
};

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
