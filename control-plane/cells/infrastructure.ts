import type { RegionName } from '../../core/regions.js';
import type { Size } from '../../core/sizes.js';
import { infrastructureStack } from '../../stacks/names.js';
import type { AwsCellInputs } from '../../stacks/programs/aws/inputs.js';
import { accountIn } from '../../targets/aws/sts/account.js';
import { type Place, targetOf } from '../../targets/index.js';
import type { ResourceChange } from '../engine/run/change.js';
import { requirePlugin } from '../engine/run/require-plugin.js';
import { deployStack, destroyStack, type StackRun } from '../engine/run/stack-run.js';
import { findControlInfrastructure } from '../project/control-infrastructure.js';
import { hasStack } from '../project/state/stack-files.js';
import type { Runtime } from '../runtime.js';
import { findOccupant } from '../tenants/store.js';
import { awsInputs } from './aws-inputs.js';
import { networkNumberOf } from './network-number.js';
import { type Cell, findCell, getCell, listCells } from './store.js';
import { type WantedWorker, workerOf } from './wanted-worker.js';

/** As the control database records a cell for which nobody says how many days. */
export const FIRST_HISTORY_DAYS = 7;

/** What somebody wants in AWS for a new cell, or for one that is there, where what is left out stays. */
export interface WantedInfrastructure {
  readonly size?: Size;
  /** True for a dedicated cell when left out, false for a shared one. */
  readonly multiAz?: boolean;
  readonly network?: { readonly vpcId: string; readonly subnetIds: string[] };
  readonly copiesIn?: RegionName;
  /** Who may take the role of the data plane: ARNs of roles and users. */
  readonly operators?: readonly string[];
  /** Topics of SNS that are told of alarms. */
  readonly alarmTopics?: readonly string[];
  readonly worker?: WantedWorker;
}

/**
 * The place of a new cell whose server, keys and bucket Ringfence makes in AWS.
 * @throws RingfenceError usage for what cannot be made; as `accountIn` where the region refuses the account.
 */
export const placeToMake = async (
  runtime: Runtime,
  { name, tier, region }: Pick<Cell, 'name' | 'tier' | 'region'>,
  wanted: WantedInfrastructure,
): Promise<Place> => {
  const { instanceName } = await import('../../stacks/programs/aws/names.js');
  const known = await findCell(runtime.control, name);
  const { alarmTopics } = wanted;
  const worker = workerOf(name, undefined, wanted.worker);
  const infrastructure = {
    account: await accountIn(region),
    size: wanted.size ?? 'small',
    multiAz: wanted.multiAz ?? tier === 'dedicated',
    network: wanted.network ?? null,
    ...(wanted.network === undefined ? await networkNumber(runtime, name, known) : {}),
    copiesIn: wanted.copiesIn ?? null,
    ...(wanted.operators === undefined ? {} : { operators: [...wanted.operators] }),
    ...(alarmTopics === undefined ? {} : { alarmTopics: [...alarmTopics] }),
    ...(worker === undefined ? {} : { worker }),
  };
  const address = { rdsInstance: instanceName(name), infrastructure, rootKeys: 'aws-kms' };
  const place = { target: 'aws', address };
  await requirePossible({ name, tier, region, ...place, historyDays: FIRST_HISTORY_DAYS });
  return place;
};

type Described = Pick<Cell, 'name' | 'tier' | 'target' | 'address' | 'historyDays'> & {
  readonly region: string;
  /** The tenant of a dedicated cell that is not placed in it yet. */
  readonly arriving?: string | undefined;
};

/** A known cell keeps its own; a new one gets a number that no other network has, so that they can be connected. */
const networkNumber = async (
  { control }: Pick<Runtime, 'control'>,
  name: string,
  known: Cell | undefined,
): Promise<{ networkNumber?: number }> => {
  if (!known) return { networkNumber: await networkNumberOf(control, name, await listCells(control)) };
  const kept = infrastructureOf(known)?.networkNumber;
  return kept === undefined ? {} : { networkNumber: kept };
};

/**
 * The run that makes, or mends, what a cell has in AWS, and whether the engine knows its stack. Undefined for a cell whose server was there
 * already, or is on this machine.
 */
export const infrastructureRun = async (
  runtime: Pick<Runtime, 'control' | 'controlServer' | 'state'>,
  cell: Described,
): Promise<{ readonly run: Omit<StackRun, 'recover'>; readonly exists: boolean } | undefined> => {
  if (infrastructureOf(cell) === undefined) return undefined;
  const { control, state } = runtime;
  const occupant = cell.tier === 'dedicated' ? await findOccupant(control, cell.name, '') : undefined;
  const inputs = await inputsOf(cell, occupant?.slug ?? arrivingIn(cell), {
    control: await controlOf(runtime),
    state: state.setting ?? null,
  });
  const { knownId } = await import('../../stacks/programs/aws/known-ids.js');
  const stack = infrastructureStack(cell.name);
  const program = async () => {
    const { awsCellProgram } = await import('../../stacks/programs/aws/cell.js');
    return awsCellProgram(inputs)();
  };
  return { run: { stack, knownId, program }, exists: await hasStack(state, stack) };
};

/** Where the control database is, for a cell's worker and operators; null for one on the machine of the project. */
const controlOf = async ({
  control,
  controlServer,
}: Pick<Runtime, 'control' | 'controlServer'>): Promise<AwsCellInputs['control']> =>
  controlServer === undefined
    ? null
    : { ...controlServer.place, network: (await findControlInfrastructure(control))?.made ?? null };

const arrivingIn = ({ tier, arriving }: Described): string | null =>
  tier === 'dedicated' ? (arriving ?? null) : null;

export const deployInfrastructure = async (
  runtime: Runtime,
  { name, arriving }: Pick<Described, 'name' | 'arriving'>,
  onChange?: (change: ResourceChange) => void,
): Promise<void> => {
  const wanted = await infrastructureRun(runtime, { ...(await getCell(runtime.control, name)), arriving });
  if (wanted === undefined) return;
  const { run, exists } = wanted;
  const runner = await runtime.stackRunner();
  await requirePlugin(runner, 'aws');
  await deployStack(runner, {
    ...run,
    recover: exists,
    refresh: exists,
    ...(onChange ? { onEvent: onChange } : {}),
  });
  runtime.reached('infrastructure-deployed');
};

/** Removes it, but for the bucket and the keys, without which backups and the last snapshot could not be read. */
export const destroyInfrastructure = async (
  runtime: Runtime,
  cell: Cell,
  onChange?: (change: ResourceChange) => void,
): Promise<void> => {
  const stack = infrastructureStack(cell.name);
  if (!(await hasStack(runtime.state, stack))) return;
  const runner = await runtime.stackRunner();
  await requirePlugin(runner, 'aws');
  const removal: StackRun = {
    stack,
    program: async () => ({}),
    recover: true,
    ...(onChange ? { onEvent: onChange } : {}),
  };
  await destroyStack(runner, removal);
};

/** Where its backups go once its operator sets RINGFENCE_OBJECTS so; undefined for a cell that Ringfence did not make in AWS. */
export const backupsUrlOf = async (cell: Cell): Promise<string | undefined> => {
  const infrastructure = infrastructureOf(cell);
  if (infrastructure === undefined) return undefined;
  const { backupsUrl } = await import('../../stacks/programs/aws/names.js');
  return backupsUrl(cell.name, infrastructure.account, cell.region);
};

/** The cell of a name, where Ringfence made what it has in AWS; undefined for any other, and for one that is not there. */
export const cellMadeInAws = async (
  { control }: Pick<Runtime, 'control'>,
  name: string,
): Promise<Cell | undefined> => {
  const cell = await findCell(control, name);
  return cell && infrastructureOf(cell) && cell;
};

export const infrastructureOf = (cell: Pick<Cell, 'target' | 'address'>) =>
  targetOf(cell).infrastructure(cell.address);

/** @throws RingfenceError usage for what AWS, or residency, does not take. */
export const requirePossible = async (cell: Described): Promise<void> => {
  await inputsOf(cell, null);
};

/** @throws RingfenceError usage */
const inputsOf = (
  cell: Described,
  tenant: string | null,
  project: Pick<AwsCellInputs, 'control' | 'state'> = { control: null, state: null },
): Promise<AwsCellInputs> => {
  const { name, tier, region, historyDays } = cell;
  return awsInputs(
    { ...infrastructureOf(cell), cell: name, tier, region, historyDays, tenant, ...project },
    { what: `cell ${name}`, has: 'a cell has' },
  );
};
