import type pg from 'pg';
import { z } from 'zod';
import { HOLD_KINDS } from '../../core/lifecycle.js';
import { readRows } from '../project/read-rows.js';

const holdSchema = z.object({
  id: z.guid(),
  kind: z.enum(HOLD_KINDS),
  reason: z.string(),
  placedBy: z.string(),
  placedAt: z.date(),
  /** Null for one without an end. */
  until: z.date().nullable(),
  releasedBy: z.string().nullable(),
  releasedAt: z.date().nullable(),
  releaseReason: z.string().nullable(),
});

/** Keeps a tenant from being erased until it is released or its time is up. */
export type Hold = Readonly<z.infer<typeof holdSchema>>;

const COLUMNS = `id, kind, reason, placed_by AS "placedBy", placed_at AS "placedAt", until,
  released_by AS "releasedBy", released_at AS "releasedAt", release_reason AS "releaseReason"`;

const read = (rows: readonly unknown[]): Hold[] => readRows(holdSchema, 'control.holds', rows);

/** Newest first, released ones too. */
export const listHolds = async (control: pg.Pool, tenantId: string): Promise<Hold[]> => {
  const { rows } = await control.query(
    `SELECT ${COLUMNS} FROM control.holds WHERE tenant_id = $1 ORDER BY placed_at DESC, id`,
    [tenantId],
  );
  return read(rows);
};

const heldSchema = z.object({ slug: z.string(), tenantId: z.guid(), hold: z.string() });

/** Every tenant on hold, removed ones too, once for each hold: its kind and reason. */
export const listHeld = async (
  control: pg.Pool,
  now: Date,
): Promise<Readonly<z.infer<typeof heldSchema>>[]> => {
  const { rows } = await control.query(
    `SELECT t.slug, t.id AS "tenantId", h.kind || ': ' || h.reason AS hold
       FROM control.holds h JOIN control.tenants t ON t.id = h.tenant_id
      WHERE h.released_at IS NULL AND (h.until IS NULL OR h.until > $1) ORDER BY t.slug, h.id`,
    [now],
  );
  return readRows(heldSchema, 'control.holds', rows);
};

/** Neither released nor over. */
export const isActive = ({ releasedAt, until }: Hold, now: Date): boolean =>
  releasedAt === null && (until === null || until > now);

export const recordHold = async (
  control: pg.Pool,
  tenantId: string,
  hold: Pick<Hold, 'kind' | 'reason' | 'placedBy' | 'placedAt' | 'until'>,
): Promise<Hold> => {
  const { rows } = await control.query(
    `INSERT INTO control.holds (tenant_id, kind, reason, placed_by, placed_at, until) VALUES ($1, $2, $3, $4, $5, $6)
     RETURNING ${COLUMNS}`,
    [tenantId, hold.kind, hold.reason, hold.placedBy, hold.placedAt, hold.until],
  );
  return read(rows)[0] as Hold;
};

export const recordRelease = async (
  control: pg.Pool,
  id: string,
  release: { readonly by: string; readonly at: Date; readonly reason: string },
): Promise<Hold> => {
  const { rows } = await control.query(
    `UPDATE control.holds SET released_by = $2, released_at = $3, release_reason = $4 WHERE id = $1 RETURNING ${COLUMNS}`,
    [id, release.by, release.at, release.reason],
  );
  return read(rows)[0] as Hold;
};
