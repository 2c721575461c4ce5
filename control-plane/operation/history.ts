import type pg from 'pg';
import { z } from 'zod';
import { DOORS } from '../../core/caller.js';
import { RingfenceError } from '../../core/errors.js';
import { readRows } from '../project/read-rows.js';
import {
  CHANGING_KINDS,
  OPERATION_KIND_NAMES,
  OPERATION_STATES,
  type OperationKind,
  type StepState,
} from './kinds.js';

const operationSchema = z.object({
  id: z.guid(),
  tenantId: z.guid(),
  slug: z.string(),
  kind: z.enum(OPERATION_KIND_NAMES),
  state: z.enum(OPERATION_STATES),
  /** The last one that was begun or done; `begun` before the first, `noted` for what has no steps. */
  step: z.string(),
  attempt: z.int(),
  errorCode: z.string().nullable(),
  /** Who asked for it, or for its last attempt, and through what; `unknown` where an earlier version kept neither. */
  who: z.string(),
  door: z.enum([...DOORS, 'unknown']),
  correlationId: z.guid().nullable(),
  startedAt: z.date(),
  updatedAt: z.date(),
});

/** An operation as it was recorded. `slug` is the tenant's id once that is erased. */
export type OperationRecord = Readonly<z.infer<typeof operationSchema>>;

const stepSchema = z.object({
  step: z.string(),
  attempt: z.int(),
  /** Null where an abort undid in this attempt what an earlier one had begun. */
  begunAt: z.date().nullable(),
  doneAt: z.date().nullable(),
  undoneAt: z.date().nullable(),
});

/** A step in one attempt. */
export type StepRecord = Readonly<z.infer<typeof stepSchema>>;

const OPERATIONS = 'control.operations';
const STEPS = 'control.operation_steps';

const COLUMNS = `id, tenant_id AS "tenantId", slug, kind, state, step, attempt, error_code AS "errorCode", who, door,
  correlation_id AS "correlationId", started_at AS "startedAt", updated_at AS "updatedAt"`;

/** Newest first. @param options.slug of this tenant only. */
export const listOperations = async (
  control: pg.Pool,
  { slug, limit }: { readonly slug?: string | undefined; readonly limit: number },
): Promise<OperationRecord[]> => {
  const { rows } = await control.query(
    `SELECT ${COLUMNS} FROM control.operations WHERE slug = coalesce($1, slug) ORDER BY started_at DESC, id LIMIT $2`,
    [slug ?? null, limit],
  );
  return readRows(operationSchema, OPERATIONS, rows);
};

/**
 * @param id whole, or its first eight characters or more.
 * @throws RingfenceError `operation_not_found` where none, or more than one, begins with it.
 */
export const getOperation = async (control: pg.Pool, id: string): Promise<OperationRecord> => {
  const { rows } = await control.query(
    `SELECT ${COLUMNS} FROM control.operations WHERE starts_with(id::text, $1) LIMIT 2`,
    [id.toLowerCase()],
  );
  const [found] = readRows(operationSchema, OPERATIONS, rows);
  if (found && rows.length === 1 && id.length >= 8) return found;
  throw new RingfenceError('operation_not_found', `there is no one operation ${id}`, {
    fix: 'see `ringfence operations list`; eight characters of its id are enough',
  });
};

/** In the order in which they began. */
export const listSteps = async (control: pg.Pool, operationId: string): Promise<StepRecord[]> => {
  const at = (state: StepState): string => `min(at) FILTER (WHERE state = '${state}')`;
  const { rows } = await control.query(
    `SELECT step, attempt, ${at('begun')} AS "begunAt", ${at('done')} AS "doneAt", ${at('undone')} AS "undoneAt"
       FROM control.operation_steps WHERE operation_id = $1 GROUP BY step, attempt ORDER BY min(at), attempt, step`,
    [operationId],
  );
  return readRows(stepSchema, STEPS, rows);
};

/** Names of the steps that were begun, finished or not, and not undone since. */
export const listOpenSteps = async (control: pg.Pool, operationId: string): Promise<string[]> => {
  const { rows } = await control.query(
    `SELECT step FROM control.operation_steps WHERE operation_id = $1 GROUP BY step
     HAVING max(at) FILTER (WHERE state = 'begun') > coalesce(max(at) FILTER (WHERE state = 'undone'), '-infinity')`,
    [operationId],
  );
  return readRows(stepSchema.pick({ step: true }), STEPS, rows).map(({ step }) => step);
};

/**
 * Operations that began with this one or later, are of the same kind and are not done. An operation that failed and was begun again has
 * one for each time. Newest first. A refused one did nothing.
 */
export const listTries = async (
  control: pg.Pool,
  { tenantId, startedAt }: OperationRecord,
  kinds: readonly OperationKind[],
): Promise<OperationRecord[]> => {
  const { rows } = await control.query(
    `SELECT ${COLUMNS} FROM control.operations WHERE tenant_id = $1 AND started_at >= $2 AND kind = ANY($3)
        AND state IN ('running', 'failed') AND step <> 'noted' ORDER BY started_at DESC, id`,
    [tenantId, startedAt, kinds],
  );
  return readRows(operationSchema, OPERATIONS, rows);
};

/** Says whether a later operation changed the tenant. A refused operation changed nothing. */
export const isSuperseded = async (
  control: pg.Pool,
  { id, tenantId, startedAt }: OperationRecord,
): Promise<boolean> => {
  const { rowCount } = await control.query(
    `SELECT FROM control.operations WHERE tenant_id = $1 AND id <> $2 AND started_at >= $3 AND kind = ANY($4)
        AND step <> 'noted'`,
    [tenantId, id, startedAt, CHANGING_KINDS],
  );
  return rowCount !== 0;
};
