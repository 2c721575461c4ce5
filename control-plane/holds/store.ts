import type pg from 'pg';
import type { HoldKind } from '../../core/lifecycle.js';

/** Keeps a tenant from being erased until it is released or its time is up. */
export interface Hold {
  readonly id: string;
  readonly kind: HoldKind;
  readonly reason: string;
  readonly placedBy: string;
  readonly placedAt: Date;
  /** Null for one without an end. */
  readonly until: Date | null;
  readonly releasedBy: string | null;
  readonly releasedAt: Date | null;
  readonly releaseReason: string | null;
}

const COLUMNS = `id, kind, reason, placed_by AS "placedBy", placed_at AS "placedAt", until,
  released_by AS "releasedBy", released_at AS "releasedAt", release_reason AS "releaseReason"`;

/** Newest first, released ones too. */
export const listHolds = async (control: pg.Pool, tenantId: string): Promise<Hold[]> =>
  (
    await control.query<Hold>(
      `SELECT ${COLUMNS} FROM control.holds WHERE tenant_id = $1 ORDER BY placed_at DESC, id`,
      [tenantId],
    )
  ).rows;

/** Neither released nor over. */
export const isActive = ({ releasedAt, until }: Hold, now: Date): boolean =>
  releasedAt === null && (until === null || until > now);

export const recordHold = async (
  control: pg.Pool,
  tenantId: string,
  hold: Pick<Hold, 'kind' | 'reason' | 'placedBy' | 'placedAt' | 'until'>,
): Promise<Hold> => {
  const { rows } = await control.query<Hold>(
    `INSERT INTO control.holds (tenant_id, kind, reason, placed_by, placed_at, until) VALUES ($1, $2, $3, $4, $5, $6)
     RETURNING ${COLUMNS}`,
    [tenantId, hold.kind, hold.reason, hold.placedBy, hold.placedAt, hold.until],
  );
  return rows[0] as Hold;
};

export const recordRelease = async (
  control: pg.Pool,
  id: string,
  release: { readonly by: string; readonly at: Date; readonly reason: string },
): Promise<Hold> => {
  const { rows } = await control.query<Hold>(
    `UPDATE control.holds SET released_by = $2, released_at = $3, release_reason = $4 WHERE id = $1 RETURNING ${COLUMNS}`,
    [id, release.by, release.at, release.reason],
  );
  return rows[0] as Hold;
};
