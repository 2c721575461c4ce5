import type pg from 'pg';
import type { Door } from '../../core/caller.js';
import { RingfenceError } from '../../core/errors.js';
import { CHANGING_KINDS, type OperationKind, type OperationState, type StepState } from './kinds.js';

/** An operation as it was recorded. `slug` is the tenant's id once that is erased. */
export interface OperationRecord {
  readonly id: string;
  readonly tenantId: string;
  readonly slug: string;
  readonly kind: OperationKind;
  readonly state: OperationState;
  /** The last step that was begun or done; `begun` before the first, `noted` for an operation without steps. */
  readonly step: string;
  readonly attempt: number;
  readonly errorCode: string | null;
  /** The caller of its last attempt, and the door; `unknown` in records of earlier versions. */
  readonly who: string;
  readonly door: Door | 'unknown';
  readonly correlationId: string | null;
  readonly startedAt: Date;
  readonly updatedAt: Date;
}

/** A step in one attempt. */
export interface StepRecord {
  readonly step: string;
  readonly attempt: number;
  /** Null where an abort in this attempt undid the work of an earlier one. */
  readonly begunAt: Date | null;
  readonly doneAt: Date | null;
  readonly undoneAt: Date | null;
}

const COLUMNS = `id, tenant_id AS "tenantId", slug, kind, state, step, attempt, error_code AS "errorCode", who, door,
  correlation_id AS "correlationId", started_at AS "startedAt", updated_at AS "updatedAt"`;

/** Newest first. @param options.slug of this tenant only. */
export const listOperations = async (
  control: pg.Pool,
  { slug, limit }: { readonly slug?: string | undefined; readonly limit: number },
): Promise<OperationRecord[]> => {
  const { rows } = await control.query<OperationRecord>(
    `SELECT ${COLUMNS} FROM control.operations WHERE slug = coalesce($1, slug) ORDER BY started_at DESC, id LIMIT $2`,
    [slug ?? null, limit],
  );
  return rows;
};

/**
 * @param id whole, or its first eight characters or more.
 * @throws RingfenceError `operation_not_found` where none, or more than one, begins with it.
 */
export const getOperation = async (control: pg.Pool, id: string): Promise<OperationRecord> => {
  const { rows } = await control.query<OperationRecord>(
    `SELECT ${COLUMNS} FROM control.operations WHERE starts_with(id::text, $1) LIMIT 2`,
    [id.toLowerCase()],
  );
  const [found] = rows;
  if (found && rows.length === 1 && id.length >= 8) return found;
  throw new RingfenceError('operation_not_found', `there is no one operation ${id}`, {
    fix: 'see `ringfence operations list`; eight characters of its id are enough',
  });
};

/** In the order in which they began. */
export const listSteps = async (control: pg.Pool, operationId: string): Promise<StepRecord[]> => {
  const at = (state: StepState): string => `min(at) FILTER (WHERE state = '${state}')`;
  const { rows } = await control.query<StepRecord>(
    `SELECT step, attempt, ${at('begun')} AS "begunAt", ${at('done')} AS "doneAt", ${at('undone')} AS "undoneAt"
       FROM control.operation_steps WHERE operation_id = $1 GROUP BY step, attempt ORDER BY min(at), attempt, step`,
    [operationId],
  );
  return rows;
};

/** Names of the steps that were begun, finished or not, and not undone since. */
export const listOpenSteps = async (control: pg.Pool, operationId: string): Promise<string[]> => {
  const { rows } = await control.query<{ step: string }>(
    `SELECT step FROM control.operation_steps WHERE operation_id = $1 GROUP BY step
     HAVING max(at) FILTER (WHERE state = 'begun') > coalesce(max(at) FILTER (WHERE state = 'undone'), '-infinity')`,
    [operationId],
  );
  return rows.map(({ step }) => step);
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
