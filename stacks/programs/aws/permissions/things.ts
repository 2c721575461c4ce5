import { copyName } from '../../../../targets/aws/rds/copy.js';
import type { AwsCellInputs } from '../inputs.js';
import { awsNames, bucketName, partitionOf } from '../names.js';

type Condition = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** What a permission is for: ARNs, and conditions where a name is not enough. */
export interface Thing {
  readonly arns: readonly string[];
  readonly condition?: Condition;
}

export type ThingName = keyof ReturnType<typeof thingsOf>;
export type Things = Readonly<Record<ThingName, Thing>>;

/** What names, tags and regions of a cell's things follow from. */
export type CellPlace = Pick<AwsCellInputs, 'cell' | 'account' | 'region' | 'network' | 'copiesIn'> & {
  /** Where the control database is on RDS. */
  readonly control?: Pick<NonNullable<AwsCellInputs['control']>, 'region' | 'rdsInstance'> | null;
};

/** A key of tenants' keys wraps and opens nothing without a context that binds it to a tenant. */
export const WITH_CONTEXT = { Null: { 'kms:EncryptionContextKeys': 'false' } } satisfies Condition;

/** Kinds of EC2 whose ids AWS gives: only their tags tell whose they are. */
const NETWORK_PARTS = [
  'vpc',
  'subnet',
  'route-table',
  'security-group',
  'vpc-endpoint',
  'security-group-rule',
];

/** What makes parts of a network, and tags them in the same call. */
const MAKES_PARTS = [
  'AuthorizeSecurityGroupEgress',
  'AuthorizeSecurityGroupIngress',
  'CreateRouteTable',
  'CreateSecurityGroup',
  'CreateSubnet',
  'CreateVpc',
  'CreateVpcEndpoint',
];

/** The things of a cell, by its name, its tag and its region. Nothing of another cell is among them. */
export const thingsOf = ({ cell, account, region, network, copiesIn, control }: CellPlace) => {
  const names = awsNames(cell);
  const partition = partitionOf(region);
  const regions = [region, ...(copiesIn === null ? [] : [copiesIn])];
  const at = (service: string, ...resources: string[]): string[] =>
    resources.map((resource) => `arn:${partition}:${service}:${region}:${account}:${resource}`);
  const inEach = (service: string, resource: string): string[] =>
    regions.map((one) => `arn:${partition}:${service}:${one}:${account}:${resource}`);
  const bucket = `arn:${partition}:s3:::${bucketName(cell, account, region)}`;
  const [databaseArn = ''] = at('rds', `db:${names.instance}`);

  const controlArn = `arn:${partition}:rds:${control?.region ?? region}:${account}:db:${control?.rdsInstance ?? 'none'}`;

  const roles = [names.role, names.executionRole].map(
    (name) => `arn:${partition}:iam::${account}:role/${name}`,
  );

  const inRegions = { 'aws:RequestedRegion': regions };
  const ofCell = { 'aws:ResourceTag/ringfence:cell': cell };
  const forCell = { 'aws:RequestTag/ringfence:cell': cell };
  const unowned = { 'aws:ResourceTag/ringfence:cell': 'true' };
  const tagged: Condition = { StringEquals: ofCell };
  const newlyTagged: Condition = { StringEquals: forCell };
  const tenantKey = {
    arns: at('kms', 'key/*'),
    condition: {
      StringEquals: ofCell,
      'ForAnyValue:StringEquals': { 'kms:ResourceAliases': names.tenantKey },
    },
  };
  return {
    /** For calls that AWS gives no resource. */
    anything: { arns: ['*'], condition: { StringEquals: inRegions } },

    newNetwork: { arns: at('ec2', 'vpc/*'), condition: newlyTagged },
    newParts: {
      arns: at('ec2', ...NETWORK_PARTS.filter((part) => part !== 'vpc').map((part) => `${part}/*`)),
      condition: newlyTagged,
    },
    partsInTheMaking: {
      arns: at('ec2', ...NETWORK_PARTS.map((part) => `${part}/*`)),
      condition: { StringEquals: { ...forCell, 'ec2:CreateAction': MAKES_PARTS } },
    },
    parts: { arns: at('ec2', ...NETWORK_PARTS.map((part) => `${part}/*`)), condition: tagged },
    /** The network that is there already, which has no tag of ours. */
    givenNetwork: { arns: at('ec2', `vpc/${network?.vpcId ?? 'none'}`) },
    /** The group that AWS makes with a network. */
    untaggedGroups: { arns: at('ec2', 'security-group/*'), condition: { Null: unowned } },
    untaggedGroupsForCell: {
      arns: at('ec2', 'security-group/*'),
      condition: { StringEquals: forCell, Null: unowned },
    },

    newKey: { arns: ['*'], condition: { StringEquals: { ...forCell, ...inRegions } } },
    /** A key that was just made has neither our tag nor an alias. */
    keyInTheMaking: {
      arns: inEach('kms', 'key/*'),
      condition: { StringEquals: forCell, Null: { ...unowned, 'kms:ResourceAliases': 'true' } },
    },
    keys: { arns: inEach('kms', 'key/*'), condition: tagged },
    aliases: { arns: at('kms', names.tenantKey, names.storageKey) },
    tenantKey,
    tenantKeyInContext: { ...tenantKey, condition: { ...tenantKey.condition, ...WITH_CONTEXT } },

    bucket: { arns: [bucket] },
    objects: { arns: [`${bucket}/*`] },

    database: { arns: [databaseArn] },
    /** The option group is AWS's own: there is one for each version, and it cannot be changed. */
    databaseParts: {
      arns: at('rds', `pg:${names.parameters}`, `subgrp:${names.subnets}`, 'og:default:*'),
    },
    backups: { arns: inEach('rds', 'auto-backup:*') },
    snapshots: { arns: at('rds', 'snapshot:*') },
    /** RDS names a secret by an id of its own, and tags it with its instance. */
    masterSecret: {
      arns: at('secretsmanager', 'secret:rds!db-*'),
      condition: { StringEquals: { 'aws:ResourceTag/aws:rds:primaryDBInstanceArn': databaseArn } },
    },
    newMasterSecret: { arns: at('secretsmanager', 'secret:rds!db-*') },
    /** The control database, where it is on RDS. */
    controlDatabase: { arns: [controlArn] },
    controlSecret: {
      arns: [`arn:${partition}:secretsmanager:${control?.region ?? region}:${account}:secret:rds!db-*`],
      condition: { StringEquals: { 'aws:ResourceTag/aws:rds:primaryDBInstanceArn': controlArn } },
    },
    /** The throw-away instance of a restore to a moment. */
    copy: { arns: at('rds', `db:${copyName(names.instance)}`) },

    logGroups: { arns: at('logs', `log-group:${names.logGroup('*')}`, `log-group:${names.workerLogs}`) },
    alarms: { arns: at('cloudwatch', `alarm:${names.alarm('*')}`) },
    events: { arns: at('events', `rule/${names.eventRule('*')}`) },
    worker: {
      arns: at(
        'ecs',
        `cluster/${names.cluster}`,
        `service/${names.cluster}/${names.workerService}`,
        `task-definition/${names.workerTask}:*`,
      ),
    },
    roles: { arns: roles },
    /** Given to containers, and to nothing else. */
    rolesOfContainers: {
      arns: roles,
      condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
    },
  } satisfies Record<string, Thing>;
};
