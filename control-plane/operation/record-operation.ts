import { RingfenceError } from '../../core/errors.js';
import type { Runtime } from '../runtime.js';
import { beginOperation, endOperation, type Operation, type OperationKind } from './store.js';

/** Runs `work` as a recorded operation: begun before it acts, ended with its outcome. The caller holds the tenant. */
export const recordOperation = async <T>(
  runtime: Runtime,
  fields: { tenantId: string; slug: string; kind: OperationKind },
  work: (operation: Operation) => Promise<T>,
): Promise<T> => {
  const operation = await beginOperation(runtime.control, fields);
  runtime.reached('operation-begun');
  try {
    const result = await work(operation);
    await endOperation(runtime.control, operation);
    runtime.hasChanged();
    return result;
  } catch (error) {
    const failed = error instanceof RingfenceError ? error.code : 'internal';
    // The first error is the one to report; an unended operation is taken over by the next run.
    await endOperation(runtime.control, operation, { failed }).catch(() => undefined);
    throw error;
  }
};
