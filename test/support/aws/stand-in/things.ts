import { createHash } from 'node:crypto';
import type { Properties } from '../../../../stacks/protocol/provider/resource.js';
import { ACCOUNT, type Cloud, type CloudThing } from './cloud.js';

/** How AWS makes a thing of a type. */
export interface Thing {
  id(inputs: Properties, region: string): string;
  /** What AWS computes of it. */
  computed?(inputs: Properties, id: string, region: string): Properties;
  /** A reason of AWS not to make or change it so. */
  refused?(inputs: Properties, cloud: Cloud): string | undefined;
  /** A reason of AWS not to delete it. */
  kept?(attributes: Properties, cloud: Cloud): string | undefined;
  /** True for what AWS made itself, and the program only changes. */
  readonly isAdopted?: true;
}

const hash = (...parts: unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex');
const text = (value: unknown): string => String(value ?? '');

/** As EC2 gives ids: the same inputs come to the same one, so that a test can tell. */
const ec2 = (prefix: string, resource: string): Thing => ({
  id: (inputs, region) => `${prefix}-${hash(prefix, region, inputs).slice(0, 17)}`,
  computed: (_, id, region) => ({ arn: `arn:aws:ec2:${region}:${ACCOUNT}:${resource}/${id}` }),
});

const named = (name: string, service: string, kind: string): Thing => ({
  id: (inputs) => text(inputs[name]),
  computed: (_, id, region) => ({ arn: `arn:aws:${service}:${region}:${ACCOUNT}:${kind}${id}` }),
});

const ofBucket: Thing = {
  id: ({ bucket }) => text(bucket),
  refused: ({ bucket }, cloud) =>
    cloud.find(BUCKET, text(bucket)) ? undefined : `NoSuchBucket: ${text(bucket)}`,
};

const BUCKET = 'aws:s3/bucket:Bucket';
const SUBNET = 'aws:ec2/subnet:Subnet';
const ROLE = 'aws:iam/role:Role';
const EVENT_RULE = 'aws:cloudwatch/eventRule:EventRule';
const EVENT_TARGET = 'aws:cloudwatch/eventTarget:EventTarget';
const CLUSTER = 'aws:ecs/cluster:Cluster';
const TASK_DEFINITION = 'aws:ecs/taskDefinition:TaskDefinition';
const SERVICE = 'aws:ecs/service:Service';

/** EventBridge takes lists of values and matchers, and objects of these (EventBridge User Guide, event patterns). */
const patternProblem = (pattern: string): string | undefined => {
  const isPattern = (value: unknown): boolean =>
    Array.isArray(value)
      ? value.length > 0
      : typeof value === 'object' && value !== null && Object.values(value).every(isPattern);
  try {
    if (isPattern(JSON.parse(pattern))) return undefined;
  } catch {
    // As AWS says of both.
  }
  return 'InvalidEventPatternException: Event pattern is not valid';
};

interface Container {
  readonly mountPoints?: readonly { readonly sourceVolume: string }[];
  readonly logConfiguration?: { readonly options?: Readonly<Record<string, string>> };
}

/** What ECS refuses of a task: roles that its containers may not take, volumes that are none, logs without a place. */
const taskProblem = (
  { executionRoleArn, taskRoleArn, containerDefinitions, volumes }: Properties,
  cloud: Cloud,
): string | undefined => {
  for (const arn of [executionRoleArn, taskRoleArn].map(text)) {
    const role = cloud.find(ROLE, arn.split('/').at(-1) ?? '');
    if (!text(role?.attributes.assumeRolePolicy).includes('ecs-tasks.amazonaws.com'))
      return `ClientException: ECS was unable to assume the role ${arn}`;
  }
  const names = (volumes as { name: string }[]).map(({ name }) => name);
  for (const { mountPoints = [], logConfiguration } of JSON.parse(
    text(containerDefinitions),
  ) as Container[]) {
    const unknown = mountPoints.find(({ sourceVolume }) => !names.includes(sourceVolume));
    if (unknown) return `ClientException: Unknown volume '${unknown.sourceVolume}'`;
    if (logConfiguration?.options?.['awslogs-stream-prefix'] === undefined)
      return 'ClientException: Fargate requires awslogs-stream-prefix';
  }
  return undefined;
};

/** Why no container of a task would start: AWS takes the service, and tells it later. */
const startProblem = (task: CloudThing, cloud: Cloud): string | undefined => {
  const groups = (JSON.parse(text(task.attributes.containerDefinitions)) as Container[]).map(
    ({ logConfiguration }) => logConfiguration?.options?.['awslogs-group'] ?? '',
  );
  const missing = groups.find((group) => !cloud.find('aws:cloudwatch/logGroup:LogGroup', group));
  return missing === undefined ? undefined : `ResourceInitializationError: there is no log group ${missing}`;
};

const zonesOf = (subnets: unknown, cloud: Cloud): Set<string> =>
  new Set((subnets as string[]).map((id) => text(cloud.find(SUBNET, id)?.attributes.availabilityZone)));

/** What AWS knows of the types, beside what is written of their inputs. */
export const THINGS: Readonly<Record<string, Thing>> = {
  'aws:ec2/vpc:Vpc': {
    ...ec2('vpc', 'vpc'),
    computed: (_, id, region) => ({
      arn: `arn:aws:ec2:${region}:${ACCOUNT}:vpc/${id}`,
      ownerId: ACCOUNT,
      defaultSecurityGroupId: `sg-${hash(id).slice(0, 17)}`,
    }),
    kept: (_, cloud) =>
      cloud.list().some(({ type }) => type === SUBNET) ? 'DependencyViolation: it has subnets' : undefined,
  },
  'aws:ec2/defaultSecurityGroup:DefaultSecurityGroup': {
    id: ({ vpcId }) => `sg-${hash(vpcId).slice(0, 17)}`,
    isAdopted: true,
  },
  [SUBNET]: {
    ...ec2('subnet', 'subnet'),
    refused: ({ availabilityZone, cidrBlock, vpcId }, cloud) => {
      const network = text(cloud.find('aws:ec2/vpc:Vpc', text(vpcId))?.attributes.cidrBlock);
      if (network.split('.').slice(0, 2).join('.') !== text(cidrBlock).split('.').slice(0, 2).join('.'))
        return `InvalidSubnet.Range: ${text(cidrBlock)} is not in ${network}`;
      return /^[a-z-]+\d[a-f]$/.test(text(availabilityZone))
        ? undefined
        : 'InvalidParameterValue: no such zone';
    },
  },
  'aws:ec2/routeTable:RouteTable': ec2('rtb', 'route-table'),
  'aws:ec2/routeTableAssociation:RouteTableAssociation': {
    id: (inputs, region) => `rtbassoc-${hash(region, inputs).slice(0, 17)}`,
  },
  'aws:ec2/vpcEndpoint:VpcEndpoint': {
    ...ec2('vpce', 'vpc-endpoint'),
    computed: ({ serviceName, vpcEndpointType }, id, region) => ({
      arn: `arn:aws:ec2:${region}:${ACCOUNT}:vpc-endpoint/${id}`,
      prefixListId: vpcEndpointType === 'Gateway' ? `pl-${hash(serviceName, region).slice(0, 8)}` : '',
    }),
    refused: ({ vpcId, privateDnsEnabled }, cloud) => {
      const { enableDnsHostnames } = cloud.find('aws:ec2/vpc:Vpc', text(vpcId))?.attributes ?? {};
      return privateDnsEnabled && !enableDnsHostnames
        ? 'InvalidParameter: Enabling private DNS requires enableDnsHostnames of the VPC'
        : undefined;
    },
  },
  'aws:ec2/securityGroup:SecurityGroup': {
    ...ec2('sg', 'security-group'),
    computed: ({ namePrefix }, id, region) => ({
      arn: `arn:aws:ec2:${region}:${ACCOUNT}:security-group/${id}`,
      ownerId: ACCOUNT,
      name: `${text(namePrefix)}${hash(id).slice(0, 8)}`,
    }),
  },
  'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule': ec2('sgr', 'security-group-rule'),
  'aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule': ec2('sgr', 'security-group-rule'),
  'aws:kms/key:Key': {
    id: (inputs, region) =>
      hash(region, inputs).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*/, '$1-$2-$3-$4-$5'),
    computed: (_, id, region) => ({ arn: `arn:aws:kms:${region}:${ACCOUNT}:key/${id}`, keyId: id }),
  },
  'aws:kms/alias:Alias': {
    ...named('name', 'kms', ''),
    refused: ({ targetKeyId }, cloud) =>
      cloud.find('aws:kms/key:Key', text(targetKeyId)) ? undefined : 'NotFoundException: no such key',
  },
  [BUCKET]: {
    id: ({ bucket }) => text(bucket),
    computed: (_, id, region) => ({
      arn: `arn:aws:s3:::${id}`,
      bucketRegion: region,
      bucketDomainName: `${id}.s3.amazonaws.com`,
      bucketRegionalDomainName: `${id}.s3.${region}.amazonaws.com`,
    }),
    refused: ({ bucket }) =>
      /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(text(bucket)) ? undefined : 'InvalidBucketName',
  },
  'aws:s3/bucketOwnershipControls:BucketOwnershipControls': ofBucket,
  'aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock': ofBucket,
  'aws:s3/bucketVersioning:BucketVersioning': ofBucket,
  'aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration': ofBucket,
  'aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration': ofBucket,
  'aws:s3/bucketPolicy:BucketPolicy': ofBucket,
  'aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration': {
    ...ofBucket,
    refused: ({ bucket }, cloud) =>
      cloud.find('aws:s3/bucketVersioning:BucketVersioning', text(bucket))
        ? undefined
        : 'InvalidBucketState: Versioning must be Enabled on the bucket to apply an Object Lock configuration',
  },
  'aws:cloudwatch/logGroup:LogGroup': named('name', 'logs', 'log-group:'),
  'aws:cloudwatch/metricAlarm:MetricAlarm': named('name', 'cloudwatch', 'alarm:'),
  'aws:cloudwatch/logMetricFilter:LogMetricFilter': {
    id: ({ name }) => text(name),
    refused: ({ logGroupName }, cloud) =>
      cloud.find('aws:cloudwatch/logGroup:LogGroup', text(logGroupName))
        ? undefined
        : 'ResourceNotFoundException: The specified log group does not exist',
  },
  [EVENT_RULE]: {
    ...named('name', 'events', 'rule/'),
    refused: ({ eventPattern }) => patternProblem(text(eventPattern)),
    kept: ({ name }, cloud) =>
      cloud.list().some(({ type, attributes }) => type === EVENT_TARGET && attributes.rule === name)
        ? "ValidationException: Rule can't be deleted since it has targets"
        : undefined,
  },
  [EVENT_TARGET]: {
    id: ({ rule, targetId }) => `${text(rule)}-${text(targetId)}`,
    refused: ({ rule }, cloud) =>
      cloud.find(EVENT_RULE, text(rule)) ? undefined : `ResourceNotFoundException: Rule ${text(rule)}`,
  },
  [CLUSTER]: {
    id: ({ name }, region) => `arn:aws:ecs:${region}:${ACCOUNT}:cluster/${text(name)}`,
    computed: (_, id) => ({ arn: id }),
    kept: (_, cloud) =>
      cloud.list().some(({ type }) => type === SERVICE)
        ? 'ClusterContainsServicesException: The Cluster cannot be deleted while Services are active'
        : undefined,
  },
  [TASK_DEFINITION]: {
    id: (inputs, region) =>
      `arn:aws:ecs:${region}:${ACCOUNT}:task-definition/${text(inputs.family)}:${Number.parseInt(hash(inputs).slice(0, 6), 16)}`,
    computed: (_, id) => ({ arn: id, revision: Number(id.split(':').at(-1)) }),
    refused: (inputs, cloud) => taskProblem(inputs, cloud),
  },
  [SERVICE]: {
    id: ({ cluster, name }, region) =>
      `arn:aws:ecs:${region}:${ACCOUNT}:service/${text(cluster).split('/').at(-1)}/${text(name)}`,
    refused: ({ cluster, taskDefinition }, cloud) => {
      if (!cloud.find(CLUSTER, text(cluster))) return 'ClusterNotFoundException: Cluster not found';
      const task = cloud.find(TASK_DEFINITION, text(taskDefinition));
      return task ? startProblem(task, cloud) : 'ClientException: TaskDefinition not found';
    },
  },
  'aws:rds/subnetGroup:SubnetGroup': {
    ...named('name', 'rds', 'subgrp:'),
    refused: ({ subnetIds }, cloud) =>
      zonesOf(subnetIds, cloud).size < 2
        ? 'DBSubnetGroupDoesNotCoverEnoughAZs: it needs subnets in two zones'
        : undefined,
  },
  'aws:rds/parameterGroup:ParameterGroup': named('name', 'rds', 'pg:'),
  'aws:rds/instance:Instance': {
    id: ({ identifier }, region) => `db-${hash(region, identifier).slice(0, 26).toUpperCase()}`,
    computed: ({ identifier, masterUserSecretKmsKeyId, port }, id, region) => ({
      arn: `arn:aws:rds:${region}:${ACCOUNT}:db:${text(identifier)}`,
      resourceId: id,
      address: `${text(identifier)}.c1.${region}.rds.amazonaws.com`,
      endpoint: `${text(identifier)}.c1.${region}.rds.amazonaws.com:${text(port)}`,
      status: 'available',
      engineVersionActual: '18.1',
      masterUserSecrets: [
        {
          secretArn: `arn:aws:secretsmanager:${region}:${ACCOUNT}:secret:rds!${id}`,
          kmsKeyId: masterUserSecretKmsKeyId,
          secretStatus: 'active',
        },
      ],
    }),
    kept: ({ deletionProtection, skipFinalSnapshot, finalSnapshotIdentifier }) => {
      if (deletionProtection) return 'InvalidParameterCombination: Cannot delete protected DB Instance';
      return skipFinalSnapshot || finalSnapshotIdentifier
        ? undefined
        : 'final_snapshot_identifier is required';
    },
  },
  'aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication': {
    id: ({ sourceDbInstanceArn }, region) =>
      `arn:aws:rds:${region}:${ACCOUNT}:auto-backup:ab-${hash(sourceDbInstanceArn).slice(0, 20)}`,
  },
  'aws:iam/role:Role': {
    id: ({ name }) => text(name),
    computed: (_, id) => ({
      arn: `arn:aws:iam::${ACCOUNT}:role/${id}`,
      uniqueId: `AROA${hash(id).slice(0, 17)}`,
    }),
  },
  'aws:iam/rolePolicy:RolePolicy': {
    id: ({ role, name }) => `${text(role)}:${text(name)}`,
    refused: ({ role }, cloud) =>
      cloud.find('aws:iam/role:Role', text(role)) ? undefined : 'NoSuchEntity: no such role',
  },
};
