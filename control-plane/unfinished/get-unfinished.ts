import { RingfenceError } from '../../core/errors.js';
import { getOperation, isSuperseded, type OperationRecord } from '../operation/history.js';
import type { Runtime } from '../runtime.js';

/**
 * Returns a killed or failed operation that no other one followed.
 * @throws RingfenceError `operation_not_found`; `conflict` for one that is over, was refused, or was followed by another.
 */
export const getUnfinished = async ({ control }: Runtime, id: string): Promise<OperationRecord> => {
  const operation = await getOperation(control, id);
  const { kind, slug, state, step } = operation;
  const name = `operation ${operation.id} (${kind} of ${slug})`;
  if (state === 'done' || state === 'aborted') throw new RingfenceError('conflict', `${name} is ${state}`);
  if (step === 'noted')
    throw new RingfenceError('conflict', `${name} was refused (${operation.errorCode}), and did nothing`, {
      fix: 'type its command again when nothing stands against it any more',
    });
  if (await isSuperseded(control, operation))
    throw new RingfenceError('conflict', `another operation of tenant ${slug} came after ${name}`, {
      fix: `see \`ringfence operations list --tenant ${slug}\`: the newest is the one to go on with`,
    });
  return operation;
};
