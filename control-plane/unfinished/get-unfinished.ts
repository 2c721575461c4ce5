import { RingfenceError } from '../../core/errors.js';
import { findOpenMove } from '../moves/store.js';
import { getOperation, isSuperseded, listTries, type OperationRecord } from '../operation/history.js';
import type { Runtime } from '../runtime.js';

const OF_MOVES = ['move', 'rollback-move'] as const;

/**
 * Operations on one move: each time that it is gone on with after a failure, and its rollback, have one of their own, and any of
 * their ids means the newest. Empty where no move is open.
 */
export const triesOfMove = async (
  { control }: Runtime,
  operation: OperationRecord,
): Promise<OperationRecord[]> => {
  if (!OF_MOVES.some((kind) => kind === operation.kind)) return [];
  const move = await findOpenMove(control, operation.tenantId);
  if (!move) return [];
  const first = await getOperation(control, move.id);
  return operation.startedAt < first.startedAt ? [] : listTries(control, first, OF_MOVES);
};

/**
 * Returns a killed or failed operation that no other one followed. The id of an open move means the newest operation on it.
 * @throws RingfenceError `operation_not_found`; `conflict` for one that is over, was refused, or was followed by another.
 */
export const getUnfinished = async (runtime: Runtime, id: string): Promise<OperationRecord> => {
  const { control } = runtime;
  const named = await getOperation(control, id);
  const operation = (await triesOfMove(runtime, named))[0] ?? named;
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
