import { RingfenceError } from '../../core/errors.js';
import type { Runtime } from '../runtime.js';
import { infrastructureOf, requirePossible } from './infrastructure.js';
import { findCell, recordAddress } from './store.js';
import { type WantedWorker, workerOf } from './wanted-worker.js';

/** What may be changed of what a cell has in AWS. What is left out stays as it is. */
export interface InfrastructureChange {
  readonly alarmTopics?: readonly string[];
  readonly worker?: WantedWorker;
}

/**
 * Records what a cell shall have in AWS from its next deployment on. A cell that is not there yet gets it with its place.
 * @throws RingfenceError usage for what cannot be, and for a cell that Ringfence did not make in AWS.
 */
export const changeInfrastructure = async (
  { control }: Pick<Runtime, 'control'>,
  name: string,
  { alarmTopics, worker }: InfrastructureChange,
  { isNew = false } = {},
): Promise<void> => {
  const cell = await findCell(control, name);
  if (cell === undefined && isNew) return;
  const before = cell && infrastructureOf(cell);
  if (cell === undefined || before === undefined)
    throw new RingfenceError(
      'usage',
      `cell ${name} was not made in AWS by Ringfence, so it has no alarms and no worker there`,
    );
  const { worker: _, ...others } = before;
  const wanted = workerOf(name, before.worker, worker);
  const infrastructure = {
    ...others,
    ...(alarmTopics === undefined ? {} : { alarmTopics: [...alarmTopics] }),
    ...(wanted === undefined ? {} : { worker: wanted }),
  };
  const address = { ...cell.address, infrastructure };
  await requirePossible({ ...cell, address });
  await recordAddress(control, name, address);
};
