import { Cluster } from '@pulumi/aws/ecs/cluster.js';
import { Service } from '@pulumi/aws/ecs/service.js';
import { TaskDefinition } from '@pulumi/aws/ecs/taskDefinition.js';
import type { Role } from '@pulumi/aws/iam/role.js';
import type { Key } from '@pulumi/aws/kms/key.js';
import * as pulumi from '@pulumi/pulumi';
import { WORKER_SIZE } from '../../../../targets/aws/worker.js';
import type { CellNetwork } from '../network.js';
import type { AwsScope } from '../scope.js';
import { WRITABLE, workerContainer } from './container.js';
import { executionRole } from './execution-role.js';
import { workerLogs } from './logs.js';
import { workerWaysOut } from './ways-out.js';

/** The worker in the network of the cell: one container of Fargate, which has the role of the data plane, and no address in the internet. */
export const cellWorker = (
  scope: AwsScope,
  cell: {
    readonly network: CellNetwork;
    readonly clients: pulumi.Output<string>;
    readonly key: Key;
    readonly role: Role;
    /** What it may do: it starts after that. */
    readonly rights: readonly pulumi.Resource[];
  },
): Cluster | undefined => {
  const { inputs, names, options, tags } = scope;
  const { worker } = inputs;
  if (worker === null) return undefined;
  const { network, key } = cell;
  // An endpoint costs the same in each zone. A cell that is in one anyway has its worker in one.
  const subnetIds = inputs.multiAz ? network.subnetIds : network.subnetIds.slice(0, 1);
  const { group, before } = workerWaysOut(scope, network, subnetIds);
  const logs = workerLogs(scope, key);
  const execution = executionRole(scope, worker);
  const cluster = new Cluster(
    'worker',
    {
      name: names.cluster,
      configuration: { managedStorageConfiguration: { fargateEphemeralStorageKmsKeyId: key.arn } },
      tags: tags(),
    },
    options,
  );
  const task = new TaskDefinition(
    'worker',
    {
      family: names.workerTask,
      requiresCompatibilities: ['FARGATE'],
      networkMode: 'awsvpc',
      runtimePlatform: { operatingSystemFamily: 'LINUX', cpuArchitecture: 'X86_64' },
      cpu: String(WORKER_SIZE.cpuUnits),
      memory: String(WORKER_SIZE.memoryMb),
      ephemeralStorage: { sizeInGib: WORKER_SIZE.diskGb },
      executionRoleArn: execution.role.arn,
      taskRoleArn: cell.role.arn,
      containerDefinitions: JSON.stringify([workerContainer(scope, worker)]),
      volumes: Object.keys(WRITABLE).map((name) => ({ name })),
      tags: tags(),
    },
    options,
  );
  new Service(
    'worker',
    {
      name: names.workerService,
      cluster: cluster.arn,
      taskDefinition: task.arn,
      desiredCount: 1,
      launchType: 'FARGATE',
      deploymentCircuitBreaker: { enable: true, rollback: true },
      networkConfiguration: {
        subnets: subnetIds,
        securityGroups: groupsOf(scope, [cell.clients, group.id], network),
        assignPublicIp: false,
      },
      enableExecuteCommand: false,
      propagateTags: 'SERVICE',
      tags: tags(),
    },
    { ...options, dependsOn: [...before, logs, execution.policy, ...cell.rights] },
  );
  return cluster;
};

/** A group is one of its network: the one that reaches the control database is joined where that is in the network of the cell. */
const groupsOf = (
  { inputs }: AwsScope,
  own: pulumi.Input<string>[],
  { vpcId }: CellNetwork,
): pulumi.Input<pulumi.Input<string>[]> => {
  const control = inputs.control?.network;
  if (!control) return own;
  // What is known before anything is made, the policies see.
  if (inputs.network !== null)
    return inputs.network.vpcId === control.vpcId ? [...own, control.clientsSecurityGroup] : own;
  return pulumi
    .all([vpcId, pulumi.all(own)])
    .apply(([here, groups]) => (here === control.vpcId ? [...groups, control.clientsSecurityGroup] : groups));
};
