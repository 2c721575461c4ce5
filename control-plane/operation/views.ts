import { z } from 'zod';
import { DOORS } from '../../core/caller.js';
import { moment } from '../view.js';
import { OPERATION_KIND_NAMES, OPERATION_STATES } from './kinds.js';

const kind = z.enum(OPERATION_KIND_NAMES);

/** An operation as it was recorded. */
export const operationView = z.object({
  id: z.guid(),
  tenantId: z.guid(),
  slug: z.string().describe("the tenant's id once that is erased"),
  kind,
  state: z.enum(OPERATION_STATES),
  step: z.string(),
  attempt: z.int(),
  errorCode: z.string().nullable(),
  who: z.string().describe('who asked for it, or for its last attempt'),
  door: z.enum([...DOORS, 'unknown']),
  correlationId: z.guid().nullable().describe('of the command, or the run of a job, that asked'),
  startedAt: moment,
  updatedAt: moment,
});

export const operationStepsView = operationView.extend({
  steps: z.array(
    z.strictObject({
      step: z.string(),
      attempt: z.int(),
      begunAt: moment.nullable(),
      doneAt: moment.nullable(),
      undoneAt: moment.nullable(),
    }),
  ),
});

export const abortedOperationView = operationView.extend({
  undone: z.array(z.string()).describe('steps that were undone, the last one first'),
});

export const resumedOperationView = z.strictObject({
  id: z.guid(),
  kind,
  slug: z.string(),
  resumed: z.literal(true),
});
