import type pg from 'pg';
import { z } from 'zod';
import type { Caller } from '../../core/caller.js';
import type { ErrorCode } from '../../core/errors.js';
import { readRows } from '../project/read-rows.js';
import { CHANGING_KINDS, type OperationKind, type OperationState, type StepState } from './kinds.js';

const operationSchema = z.object({
  id: z.guid(),
  attempt: z.int(),
  /** An earlier change of this tenant was killed or failed: the engine may have left a lock or a torn step. */
  recover: z.boolean(),
});

/** A recorded change. `attempt` is its fencing token. */
export type Operation = Readonly<z.infer<typeof operationSchema>>;

/** What an operation is about, and who asks for it. */
interface NewOperation {
  readonly tenantId: string;
  readonly slug: string;
  readonly kind: OperationKind;
  readonly caller: Caller;
}

/** Records the change before it acts, or takes over what a killed run left. The caller holds the tenant's lock. */
export const beginOperation = async (
  control: pg.Pool,
  { tenantId, slug, kind, caller }: NewOperation,
): Promise<Operation> => {
  const { rows } = await control.query(
    `WITH last AS (
       SELECT state FROM control.operations
        WHERE slug = $2 AND kind = ANY($4)
        ORDER BY started_at DESC LIMIT 1)
     INSERT INTO control.operations AS known (tenant_id, slug, kind, step, state, who, door, correlation_id)
     VALUES ($1, $2, $3, 'begun', 'running', $5, $6, $7)
     ON CONFLICT (slug) WHERE state = 'running'
     DO UPDATE SET attempt = known.attempt + 1, kind = excluded.kind, updated_at = now(), who = excluded.who,
       door = excluded.door, correlation_id = excluded.correlation_id
     RETURNING id, attempt, coalesce((SELECT state <> 'done' FROM last), false) AS recover`,
    [tenantId, slug, kind, CHANGING_KINDS, caller.who, caller.door, caller.correlationId],
  );
  return readRows(operationSchema, 'control.operations', rows)[0] as Operation;
};

/** Records that a step began, is done or was undone. A run that was taken over records nothing. */
export const recordStep = async (
  control: pg.Pool,
  { id, attempt }: Pick<Operation, 'id' | 'attempt'>,
  step: string,
  state: StepState,
): Promise<void> => {
  await control.query(
    `WITH current AS (
       UPDATE control.operations SET step = $3, updated_at = now() WHERE id = $1 AND attempt = $2
          AND state IN ('running', 'failed') RETURNING id)
     INSERT INTO control.operation_steps (operation_id, attempt, step, state) SELECT id, $2, $3, $4 FROM current
     ON CONFLICT DO NOTHING`,
    [id, attempt, step, state],
  );
};

/** A run that was taken over ends nothing, and what has ended stays as it is. */
export const endOperation = async (
  control: Pick<pg.Pool, 'query'>,
  operation: Pick<Operation, 'id' | 'attempt'>,
  outcome: { failed?: ErrorCode } = {},
): Promise<void> => {
  const state: OperationState = outcome.failed ? 'failed' : 'done';
  await control.query(
    `UPDATE control.operations SET state = $3, error_code = $4, updated_at = now()
      WHERE id = $1 AND attempt = $2 AND state = 'running'`,
    [operation.id, operation.attempt, state, outcome.failed ?? null],
  );
};

/** What is done stays done. */
export const recordAborted = async (control: pg.Pool, operationId: string): Promise<void> => {
  await control.query(
    `UPDATE control.operations SET state = 'aborted', updated_at = now() WHERE id = $1 AND state IN ('running', 'failed')`,
    [operationId],
  );
};

/** Records a change that was one step and is over, or was refused. A run that was killed is not taken over by it. */
export const noteOperation = async (
  control: pg.Pool,
  { tenantId, slug, kind, caller }: NewOperation,
  outcome: { failed?: ErrorCode } = {},
): Promise<void> => {
  await control.query(
    `INSERT INTO control.operations (tenant_id, slug, kind, step, state, error_code, who, door, correlation_id)
     VALUES ($1, $2, $3, 'noted', $4, $5, $6, $7, $8)`,
    [
      tenantId,
      slug,
      kind,
      outcome.failed ? 'failed' : 'done',
      outcome.failed ?? null,
      caller.who,
      caller.door,
      caller.correlationId,
    ],
  );
};
