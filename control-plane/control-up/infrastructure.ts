import { isDeepStrictEqual } from 'node:util';
import { RingfenceError } from '../../core/errors.js';
import type { RegionName } from '../../core/regions.js';
import type { Size } from '../../core/sizes.js';
import { infrastructureStack } from '../../stacks/names.js';
import { accountIn } from '../../targets/aws/sts/account.js';
import { awsInputs } from '../cells/aws-inputs.js';
import { networkNumberOf } from '../cells/network-number.js';
import { listCells } from '../cells/store.js';
import type { ResourceChange } from '../engine/run/change.js';
import { requirePlugin } from '../engine/run/require-plugin.js';
import { deployStack, type StackRun } from '../engine/run/stack-run.js';
import { judgeStack } from '../policies/judge-stack.js';
import { promisesOfCell } from '../policies/promises.js';
import { refuseViolations } from '../policies/refuse.js';
import { listInhabitants } from '../policies/store.js';
import type { ControlPlace } from '../project/control-address.js';
import {
  type ControlInfrastructure,
  findControlInfrastructure,
  recordControlInfrastructure,
} from '../project/control-infrastructure.js';
import { hasStack } from '../project/state/stack-files.js';
import { readProject } from '../project/store.js';
import type { Runtime } from '../runtime.js';

/** What somebody wants in AWS for the control database. What is left out stays; of a new one it is the least. */
export interface WantedControl {
  readonly size?: Size;
  readonly multiAz?: boolean;
  readonly network?: { readonly vpcId: string; readonly subnetIds: string[] };
  readonly copiesIn?: RegionName;
  readonly alarmTopics?: readonly string[];
}

/** Names in AWS follow from the project, because several may share an account. A cell's name has no such end by chance. */
export const controlName = (projectId: string): string => `control-${projectId.slice(0, 8)}`;

/**
 * Makes, or mends, the instance of RDS for the control database, with its network, key, logs and alarms. What is wanted is recorded first,
 * so that a run that was broken off is taken up by the next one.
 * @throws RingfenceError usage for what AWS does not take or never changes; `policy_violated`; as `accountIn`.
 */
export const deployControl = async (
  runtime: Runtime,
  region: RegionName,
  wanted: WantedControl,
  onChange: (change: ResourceChange) => void,
): Promise<ControlPlace> => {
  const { control, state } = runtime;
  const { id, historyDays } = await readProject(control);
  const name = controlName(id);
  const known = await findControlInfrastructure(control);
  const infrastructure = known
    ? changed(known, region, wanted)
    : await fresh(runtime, { name, region, wanted });
  const { made: _, ...place } = infrastructure;
  const inputs = await awsInputs(
    { ...place, cell: name, tier: 'shared', tenant: null, historyDays },
    { what: 'the control database', has: 'it has' },
  );
  const stack = infrastructureStack(name);
  const { knownId } = await import('../../stacks/programs/aws/known-ids.js');
  const run: Omit<StackRun, 'recover'> = {
    stack,
    knownId,
    program: async () => {
      const { awsControlProgram } = await import('../../stacks/programs/aws/control.js');
      return awsControlProgram(inputs)();
    },
  };
  const exists = await hasStack(state, stack);
  await refuseBroken(runtime, { name, region }, { run, exists });
  const runner = await runtime.stackRunner();
  await requirePlugin(runner, 'aws');
  await recordControlInfrastructure(control, infrastructure);
  const outputs = await deployStack(runner, { ...run, recover: exists, refresh: exists, onEvent: onChange });
  const { vpcId, clientsSecurityGroup } = outputs;
  await recordControlInfrastructure(control, {
    ...infrastructure,
    made: { vpcId: String(vpcId), clientsSecurityGroup: String(clientsSecurityGroup) },
  });
  runtime.reached('control-deployed');
  return { region, rdsInstance: String(outputs.instance) };
};

const fresh = async (
  { control }: Runtime,
  {
    name,
    region,
    wanted,
  }: { readonly name: string; readonly region: RegionName; readonly wanted: WantedControl },
): Promise<ControlInfrastructure> => {
  const { network = null, alarmTopics } = wanted;
  return {
    account: await accountIn(region),
    region,
    size: wanted.size ?? 'small',
    multiAz: wanted.multiAz ?? false,
    network,
    ...(network === null
      ? { networkNumber: await networkNumberOf(control, name, await listCells(control)) }
      : {}),
    copiesIn: wanted.copiesIn ?? null,
    ...(alarmTopics === undefined ? {} : { alarmTopics: [...alarmTopics] }),
  };
};

/** @throws RingfenceError usage for what is never changed. */
const changed = (
  known: ControlInfrastructure,
  region: RegionName,
  { size, multiAz, network, copiesIn, alarmTopics }: WantedControl,
): ControlInfrastructure => {
  const stays = (what: string): RingfenceError =>
    new RingfenceError('usage', `the control database stays in the ${what} that it was made in`, {
      fix: `leave the option out; it is in ${known.region}`,
    });
  if (region !== known.region) throw stays('region');
  if (network !== undefined && !isDeepStrictEqual(network, known.network)) throw stays('network');
  if (copiesIn !== undefined && known.copiesIn !== null && copiesIn !== known.copiesIn)
    throw new RingfenceError(
      'usage',
      `copies of the control database are in ${known.copiesIn}, and stay there: without their key nobody reads them`,
    );
  return {
    ...known,
    size: size ?? known.size,
    multiAz: multiAz ?? known.multiAz,
    copiesIn: copiesIn ?? known.copiesIn,
    ...(alarmTopics === undefined ? {} : { alarmTopics: [...alarmTopics] }),
  };
};

/** It has the names and the wrapped keys of every tenant, so what was promised to any of them counts. */
const refuseBroken = async (
  runtime: Runtime,
  cell: { readonly name: string; readonly region: string },
  wanted: { readonly run: Omit<StackRun, 'recover'>; readonly exists: boolean },
): Promise<void> => {
  const promises = await promisesOfCell(runtime, { cell });
  const tenants = [];
  for (const { name } of await listCells(runtime.control))
    tenants.push(...(await listInhabitants(runtime.control, name)));
  const judgements = await judgeStack(runtime, wanted, { ...promises, tenants });
  // It is nobody's alone, also where there is one tenant.
  refuseViolations(judgements.filter(({ rule }) => rule !== 'tags'));
};
