import type pg from 'pg';
import { z } from 'zod';
import { type SignedCertificate, signedCertificate } from '../../data-plane/erasure/certificate.js';
import { readRows } from '../project/read-rows.js';

const inventorySchema = z.object({
  /** Rows by `schema.table`. */
  rows: z.record(z.string(), z.int()).readonly(),
  clinics: z.int(),
  keyVersions: z.int(),
  objects: z.int(),
  scratchCopies: z.int(),
});

/** What there was of a tenant when its erasure began. */
export type Inventory = Readonly<z.infer<typeof inventorySchema>>;

export const ERASURE_STATES = ['waiting', 'running', 'done', 'cancelled'] as const;

const erasureSchema = z.object({
  id: z.guid(),
  tenantId: z.guid(),
  slug: z.string().nullable(),
  /** The cells that have, or had, something of the tenant. */
  cells: z.array(z.string()).readonly(),
  clinicIds: z.array(z.guid()).readonly(),
  state: z.enum(ERASURE_STATES),
  reason: z.string(),
  requestedBy: z.string(),
  requestedAt: z.date(),
  dueAt: z.date(),
  useStoppedAt: z.date().nullable(),
  resume: z.boolean(),
  inventory: inventorySchema.readonly().nullable(),
  certificate: signedCertificate.nullable(),
  finishedAt: z.date().nullable(),
});

/** An erasure as the control plane records it. `slug` is null once it is done. */
export type Erasure = Readonly<z.infer<typeof erasureSchema>>;

const TABLE = 'control.erasures';

const COLUMNS = `id, tenant_id AS "tenantId", slug, cells, clinic_ids AS "clinicIds", state, reason,
  requested_by AS "requestedBy", requested_at AS "requestedAt", due_at AS "dueAt",
  use_stopped_at AS "useStoppedAt", resume, inventory, certificate,
  finished_at AS "finishedAt"`;

const read = (rows: readonly unknown[]): Erasure[] => readRows(erasureSchema, TABLE, rows);

const DIGEST = (tenantId: string, slug: string): string =>
  `sha256(convert_to(${tenantId}::text || '/' || ${slug}, 'UTF8'))`;

const first = async (
  control: pg.Pool,
  where: string,
  values: readonly unknown[],
): Promise<Erasure | undefined> => {
  const { rows } = await control.query(
    `SELECT ${COLUMNS} FROM control.erasures WHERE ${where} ORDER BY requested_at DESC LIMIT 1`,
    [...values],
  );
  return read(rows)[0];
};

/** The requested erasure that is neither done nor cancelled. */
export const findOpenErasure = (control: pg.Pool, slug: string): Promise<Erasure | undefined> =>
  first(control, `slug = $1 AND state IN ('waiting', 'running')`, [slug]);

/** The last erasure of a tenant of this slug that was carried out. */
export const findDoneErasure = (control: pg.Pool, slug: string): Promise<Erasure | undefined> =>
  first(control, `state = 'done' AND slug_digest = ${DIGEST('tenant_id', '$1::text')}`, [slug]);

/** The last erasure whose cancelling was killed before it let the tenant in again. */
export const findHalfCancelled = (control: pg.Pool, slug: string): Promise<Erasure | undefined> =>
  first(control, `slug = $1 AND state = 'cancelled' AND resume`, [slug]);

/** Newest first. */
export const listErasures = async (control: pg.Pool): Promise<Erasure[]> => {
  const { rows } = await control.query(
    `SELECT ${COLUMNS} FROM control.erasures ORDER BY requested_at DESC, id`,
  );
  return read(rows);
};

/** Slugs of the tenants whose erasure is due or was begun, and that no hold keeps. */
export const listDueErasures = async (control: pg.Pool, now: Date): Promise<string[]> => {
  const { rows } = await control.query(
    `SELECT e.slug FROM control.erasures e
      WHERE (e.state = 'running' OR e.state = 'waiting' AND e.due_at <= $1)
        AND NOT EXISTS (SELECT FROM control.holds h WHERE h.tenant_id = e.tenant_id AND h.released_at IS NULL
                           AND (h.until IS NULL OR h.until > $1))
      ORDER BY e.due_at`,
    [now],
  );
  return readRows(z.object({ slug: z.string() }), TABLE, rows).map(({ slug }) => slug);
};

type Request = Pick<
  Erasure,
  'tenantId' | 'cells' | 'clinicIds' | 'reason' | 'requestedBy' | 'requestedAt' | 'dueAt' | 'resume'
> & { readonly slug: string };

/** The caller holds the tenant's lock. */
export const recordErasure = async (control: pg.Pool, request: Request): Promise<Erasure> => {
  const { rows } = await control.query(
    `INSERT INTO control.erasures (tenant_id, slug, slug_digest, cells, clinic_ids, state, reason, requested_by,
       requested_at, due_at, resume)
     VALUES ($1, $2, ${DIGEST('$1::uuid', '$2::text')}, $3, $4, 'waiting', $5, $6, $7, $8, $9) RETURNING ${COLUMNS}`,
    [
      request.tenantId,
      request.slug,
      request.cells,
      request.clinicIds,
      request.reason,
      request.requestedBy,
      request.requestedAt,
      request.dueAt,
      request.resume,
    ],
  );
  return read(rows)[0] as Erasure;
};

const update = async (
  control: pg.Pool | pg.PoolClient,
  id: string,
  set: string,
  values: readonly unknown[] = [],
): Promise<Erasure> => {
  const { rows } = await control.query(
    `UPDATE control.erasures SET ${set} WHERE id = $1 RETURNING ${COLUMNS}`,
    [id, ...values],
  );
  return read(rows)[0] as Erasure;
};

/** The first time counts. */
export const recordUseStopped = (control: pg.Pool, id: string, at: Date): Promise<Erasure> =>
  update(control, id, 'use_stopped_at = coalesce(use_stopped_at, $2)', [at]);

/** From now on it cannot be cancelled. The first inventory counts: a later run finds less. */
export const recordErasureBegun = (control: pg.Pool, id: string, inventory: Inventory): Promise<Erasure> =>
  update(control, id, `state = 'running', inventory = coalesce(inventory, $2)`, [inventory]);

export const recordCancelled = (
  control: pg.Pool,
  id: string,
  cancelled: { readonly by: string; readonly at: Date; readonly reason: string },
): Promise<Erasure> =>
  update(control, id, `state = 'cancelled', cancelled_by = $2, cancelled_at = $3, cancel_reason = $4`, [
    cancelled.by,
    cancelled.at,
    cancelled.reason,
  ]);

export const recordResumed = (control: pg.Pool, id: string): Promise<Erasure> =>
  update(control, id, 'resume = false');

/** From now on the records of operations name the tenant by its id. */
export const forgetSlugInOperations = async (
  client: pg.Pool | pg.PoolClient,
  tenantId: string,
): Promise<void> => {
  await client.query(
    'UPDATE control.operations SET slug = tenant_id::text, updated_at = now() WHERE tenant_id = $1',
    [tenantId],
  );
};

/** What was submitted for the tenant, and printed, goes, also what one about several tenants printed; that somebody submitted something stays. */
const forgetSubmissions = async (client: pg.PoolClient, { tenantId, slug }: Erasure): Promise<void> => {
  await client.query(
    `WITH forgotten AS (UPDATE control.submissions SET slug = $1, request = '{}' WHERE slug = $2 RETURNING id)
     DELETE FROM control.submission_output WHERE submission IN (
       SELECT id FROM forgotten UNION
       SELECT s.id FROM control.submissions s JOIN control.submission_output o ON o.submission = s.id
        WHERE s.slug IS NULL AND strpos(o.text, $2::text) > 0)`,
    [tenantId, slug],
  );
};

/** Records that the erasure is done. No slug of the tenant is left, not even in earlier erasures and operations. */
export const recordErased = async (
  client: pg.PoolClient,
  erasure: Erasure,
  certificate: SignedCertificate,
): Promise<Erasure> => {
  const { id, tenantId } = erasure;
  await forgetSlugInOperations(client, tenantId);
  await forgetSubmissions(client, erasure);
  await client.query('UPDATE control.erasures SET slug = NULL WHERE tenant_id = $1 AND id <> $2', [
    tenantId,
    id,
  ]);
  return update(client, id, `state = 'done', slug = NULL, certificate = $2, finished_at = $3`, [
    certificate,
    certificate.finishedAt,
  ]);
};
