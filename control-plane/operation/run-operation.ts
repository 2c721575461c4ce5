import { RingfenceError } from '../../core/errors.js';
import { inPooledTransaction } from '../../data-plane/database/connect.js';
import type { Runtime } from '../runtime.js';
import { OPERATION_KINDS, type OperationKind } from './kinds.js';
import { refuseWhileMoving } from './refuse-while-moving.js';
import { BEGUN, ENDED, type OperationTable, pointOf, type Subject } from './step.js';
import { beginOperation, endOperation, type Operation, recordStep } from './store.js';

/**
 * Runs an operation by its table. Records the operation before it acts, the beginning and end of each step, and the
 * outcome. Takes over a killed run and begins again at the first step, even where later ones were done: every step
 * converges, and the findings of a step are not kept. The caller holds the tenant's lock.
 *
 * @param onStep is told the name of each step at its beginning, but for quiet ones.
 * @returns the findings of the steps.
 * @throws RingfenceError `conflict` for a tenant in a state that the kind does not begin from; what the steps throw, whose
 * code is recorded.
 */
export const runOperation = async <Request, Context extends { readonly tenant: Subject }>(
  runtime: Runtime,
  table: OperationTable<Request, Context>,
  request: Request,
  onStep: (step: string) => void = () => undefined,
): Promise<Context> => {
  const { control, caller } = runtime;
  const { kind } = table;
  const context = await prepare(runtime, table, request, onStep);
  const { id: tenantId, slug } = context.tenant;
  refuseState(kind, context.tenant);
  if (OPERATION_KINDS[kind].changesTenant) await refuseWhileMoving(control, tenantId, kind);
  const operation = await beginOperation(control, { tenantId, slug, kind, caller });
  runtime.reached(pointOf(kind, BEGUN));
  try {
    for (const step of table.steps) {
      if (!step.isQuiet) onStep(step.name);
      await recordStep(control, operation, step.name, 'begun');
      await step.run(runtime, context, operation);
      await recordStep(control, operation, step.name, 'done');
      runtime.reached(pointOf(kind, step.name));
    }
    await conclude(runtime, table, context, operation);
  } catch (error) {
    const failed = error instanceof RingfenceError ? error.code : 'internal';
    // The first error is the one to report; an unended operation is taken over by the next run.
    await table.fail?.(runtime, context, failed).catch(() => undefined);
    await endOperation(control, operation, { failed }).catch(() => undefined);
    throw error;
  }
  runtime.hasChanged();
  runtime.reached(pointOf(kind, ENDED));
  return context;
};

const prepare = async <Request, Context extends { readonly tenant: Subject }>(
  runtime: Runtime,
  { kind, prepare }: OperationTable<Request, Context>,
  request: Request,
  onStep: (step: string) => void,
): Promise<Context> => {
  if (prepare.name === undefined) return prepare.run(runtime, request);
  onStep(prepare.name);
  const context = await prepare.run(runtime, request);
  runtime.reached(pointOf(kind, prepare.name));
  return context;
};

/** Catches what a preparation let through. */
const refuseState = (kind: OperationKind, { slug, state }: Subject): void => {
  const { ways } = OPERATION_KINDS[kind];
  if (ways[state]) return;
  throw new RingfenceError('conflict', `tenant ${slug} is ${state}`, {
    fix: `an operation ${kind} begins with a tenant that is ${Object.keys(ways).join(' or ')}`,
  });
};

const conclude = async <Request, Context extends { readonly tenant: Subject }>(
  runtime: Runtime,
  table: OperationTable<Request, Context>,
  context: Context,
  operation: Operation,
): Promise<void> => {
  await inPooledTransaction(runtime.control, async (client) => {
    await table.conclude?.(runtime, context, client);
    await endOperation(client, operation);
  });
};
