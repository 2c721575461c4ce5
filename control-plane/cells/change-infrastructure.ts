import { isDeepStrictEqual } from 'node:util';
import { RingfenceError } from '../../core/errors.js';
import type { Infrastructure } from '../../targets/aws/infrastructure.js';
import { RDS_SIZES } from '../../targets/aws/rds/sizes.js';
import type { ResourceChange } from '../engine/run/change.js';
import { requirePlugin } from '../engine/run/require-plugin.js';
import { previewStack } from '../engine/run/stack-run.js';
import type { Runtime } from '../runtime.js';
import type { NewPlace } from './cells-up.js';
import {
  infrastructureOf,
  infrastructureRun,
  requirePossible,
  type WantedInfrastructure,
} from './infrastructure.js';
import type { Cell } from './store.js';
import { workerOf } from './wanted-worker.js';

/**
 * The place of a cell that Ringfence made in AWS, as it is wanted from now on. What is left out stays. Records nothing.
 * @throws RingfenceError usage for what cannot be, for what is never changed, and for a cell that Ringfence did not make in AWS.
 */
export const changedPlace = async (
  name: string,
  cell: Cell | undefined,
  wanted: WantedInfrastructure,
): Promise<NewPlace> => {
  const before = cell && infrastructureOf(cell);
  if (cell === undefined || before === undefined)
    throw new RingfenceError(
      'usage',
      `cell ${name} was not made in AWS by Ringfence, so it has no alarms, no worker and no network there`,
    );
  refuseUnchangeable(name, before, wanted);
  const { worker: _, ...others } = before;
  const { operators, alarmTopics } = wanted;
  const worker = workerOf(name, before.worker, wanted.worker);
  const infrastructure = {
    ...others,
    size: wanted.size ?? before.size,
    multiAz: wanted.multiAz ?? before.multiAz,
    copiesIn: wanted.copiesIn ?? before.copiesIn,
    ...(operators === undefined ? {} : { operators: [...operators] }),
    ...(alarmTopics === undefined ? {} : { alarmTopics: [...alarmTopics] }),
    ...(worker === undefined ? {} : { worker }),
  };
  const address = { ...cell.address, infrastructure };
  await requirePossible({ ...cell, address });
  return { target: cell.target, address, before: cell.address };
};

const ANOTHER_CELL = 'make another cell, and move its tenants there with `ringfence tenants move`';

const refuseUnchangeable = (
  name: string,
  before: Infrastructure,
  { network, size = before.size, copiesIn }: WantedInfrastructure,
): void => {
  if (network !== undefined && !isDeepStrictEqual(network, before.network))
    throw new RingfenceError('usage', `cell ${name} stays in the network that it was made in`, {
      fix: ANOTHER_CELL,
    });
  const [now, then] = [RDS_SIZES[before.size], RDS_SIZES[size]];
  if (then.storageGb < now.storageGb)
    throw new RingfenceError(
      'usage',
      `cell ${name} has ${now.storageGb} GB, and size ${size} ${then.storageGb} GB: RDS takes no storage back`,
      { fix: ANOTHER_CELL },
    );
  if (copiesIn !== undefined && before.copiesIn !== null && copiesIn !== before.copiesIn)
    throw new RingfenceError(
      'usage',
      `copies of cell ${name} are in ${before.copiesIn}, and stay there: without their key nobody reads them`,
      { fix: ANOTHER_CELL },
    );
};

/** What a change of a cell in AWS does, before it is done. */
export interface PlannedChange {
  /** What the engine would change. */
  readonly changes: readonly ResourceChange[];
  /** What RDS does for it, a line each. */
  readonly effects: readonly string[];
  /** Whether clients lose their connections. */
  readonly pauses: boolean;
}

/** Previews another place of a cell that is there. Changes nothing. @returns null where nothing is to change. */
export const planChange = async (
  runtime: Runtime,
  cell: Cell,
  { address }: NewPlace,
): Promise<PlannedChange | null> => {
  const [before, after] = [infrastructureOf(cell), infrastructureOf({ ...cell, address })];
  const wanted = await infrastructureRun(runtime, { ...cell, address });
  if (!before || !after || !wanted?.exists || isDeepStrictEqual(before, after)) return null;
  const runner = await runtime.stackRunner();
  await requirePlugin(runner, 'aws');
  const { run, exists } = wanted;
  const changes = await previewStack(runner, { ...run, exists, recover: false, refresh: true });
  return { changes, ...effectsOf(before, after) };
};

/** As the User Guide of RDS says of a modification that is applied at once. */
export const effectsOf = (
  before: Infrastructure,
  after: Infrastructure,
): Pick<PlannedChange, 'effects' | 'pauses'> => {
  const [now, then] = [RDS_SIZES[before.size], RDS_SIZES[after.size]];
  const pauses = now.instanceClass !== then.instanceClass;
  const taken = before.multiAz ? 'about a minute: the server in the other zone takes over' : 'some minutes';
  const effects = [
    ...(pauses
      ? [`${now.instanceClass} -> ${then.instanceClass}: a restart ends every session, for ${taken}`]
      : []),
    ...(now.storageGb === then.storageGb
      ? []
      : [
          `${now.storageGb} GB -> ${then.storageGb} GB: no pause; RDS changes storage again six hours later at the soonest`,
        ]),
    ...(before.multiAz === after.multiAz
      ? []
      : [
          after.multiAz
            ? 'a second server in another zone: no pause; writes take longer until it has all data'
            : 'one server instead of two: no pause; nothing takes over by itself any more',
        ]),
  ];
  return { effects, pauses };
};
