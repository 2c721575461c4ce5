import type { Permission } from './permission.js';
import type { ThingName } from './things.js';

/** What our own clients call while a cell is brought up or down. */
export const DEPLOYER: readonly Permission[] = [
  { action: 'kms:DescribeKey', on: 'keys', calls: ['kms:DescribeKey'] },
  { action: 'rds:DescribeDBInstances', on: 'database', calls: ['rds:DescribeDBInstances'] },
  {
    action: 'rds:DescribeDBInstanceAutomatedBackups',
    on: 'database',
    calls: ['rds:DescribeDBInstanceAutomatedBackups'],
  },
  { action: 'secretsmanager:GetSecretValue', on: 'masterSecret', calls: ['secretsmanager:GetSecretValue'] },
];

type Verb = 'create' | 'read' | 'update' | 'delete';
type Actions = Partial<Record<ThingName, readonly string[]>>;

/** What the engine's plugin for AWS calls for a resource. One that a purge leaves there has no `delete`. */
export type PluginCalls = Readonly<Partial<Record<Verb, Actions>>>;

const TAG_PART: Actions = { parts: ['ec2:CreateTags', 'ec2:DeleteTags'] };
const GROUP_RULES = ['ec2:DescribeSecurityGroupRules'];
const ECS_TAGS = ['ecs:TagResource', 'ecs:UntagResource'];
const RDS_TAGS = ['rds:AddTagsToResource', 'rds:RemoveTagsFromResource'];
const KEY_READS = ['kms:DescribeKey', 'kms:GetKeyPolicy', 'kms:GetKeyRotationStatus', 'kms:ListResourceTags'];
const ROLE_READS = ['iam:GetRole', 'iam:ListRolePolicies', 'iam:ListAttachedRolePolicies'];

const rule = (direction: 'Ingress' | 'Egress'): PluginCalls => ({
  create: {
    parts: [`ec2:AuthorizeSecurityGroup${direction}`],
    newParts: [`ec2:AuthorizeSecurityGroup${direction}`],
    partsInTheMaking: ['ec2:CreateTags'],
  },
  read: { anything: GROUP_RULES },
  update: { parts: ['ec2:ModifySecurityGroupRules', ...(TAG_PART.parts ?? [])] },
  delete: { parts: [`ec2:RevokeSecurityGroup${direction}`] },
});

const ofBucket = (set: string, get: string): PluginCalls => ({
  create: { bucket: [set] },
  read: { bucket: [get] },
  update: { bucket: [set] },
});

/** By the types of @pulumi/aws that the program of a cell uses. */
export const PLUGIN_CALLS: Readonly<Record<string, PluginCalls>> = {
  'aws:ec2/vpc:Vpc': {
    create: {
      newNetwork: ['ec2:CreateVpc'],
      partsInTheMaking: ['ec2:CreateTags'],
      parts: ['ec2:ModifyVpcAttribute'],
    },
    read: {
      anything: [
        'ec2:DescribeVpcs',
        'ec2:DescribeNetworkAcls',
        'ec2:DescribeRouteTables',
        'ec2:DescribeSecurityGroups',
      ],
      parts: ['ec2:DescribeVpcAttribute'],
    },
    update: TAG_PART,
    delete: { parts: ['ec2:DeleteVpc'] },
  },
  'aws:ec2/defaultSecurityGroup:DefaultSecurityGroup': {
    create: {
      anything: ['ec2:DescribeSecurityGroups'],
      untaggedGroups: ['ec2:RevokeSecurityGroupIngress', 'ec2:RevokeSecurityGroupEgress'],
      untaggedGroupsForCell: ['ec2:CreateTags'],
    },
    read: { anything: ['ec2:DescribeSecurityGroups'] },
    update: TAG_PART,
    // It goes with its network.
    delete: {},
  },
  'aws:ec2/subnet:Subnet': {
    create: {
      newParts: ['ec2:CreateSubnet'],
      parts: ['ec2:CreateSubnet'],
      partsInTheMaking: ['ec2:CreateTags'],
    },
    read: { anything: ['ec2:DescribeSubnets'] },
    update: TAG_PART,
    // Before a subnet goes, the plugin looks for what is still in it.
    delete: { anything: ['ec2:DescribeNetworkInterfaces'], parts: ['ec2:DeleteSubnet'] },
  },
  'aws:ec2/routeTable:RouteTable': {
    create: {
      newParts: ['ec2:CreateRouteTable'],
      parts: ['ec2:CreateRouteTable'],
      partsInTheMaking: ['ec2:CreateTags'],
    },
    read: { anything: ['ec2:DescribeRouteTables'] },
    update: TAG_PART,
    delete: { parts: ['ec2:DeleteRouteTable'] },
  },
  'aws:ec2/routeTableAssociation:RouteTableAssociation': {
    create: { parts: ['ec2:AssociateRouteTable'] },
    read: { anything: ['ec2:DescribeRouteTables'] },
    update: { parts: ['ec2:ReplaceRouteTableAssociation'] },
    delete: { parts: ['ec2:DisassociateRouteTable'] },
  },
  'aws:ec2/vpcEndpoint:VpcEndpoint': {
    create: {
      newParts: ['ec2:CreateVpcEndpoint'],
      parts: ['ec2:CreateVpcEndpoint'],
      partsInTheMaking: ['ec2:CreateTags'],
    },
    read: { anything: ['ec2:DescribeVpcEndpoints', 'ec2:DescribePrefixLists'] },
    update: { parts: ['ec2:ModifyVpcEndpoint', ...(TAG_PART.parts ?? [])] },
    delete: { parts: ['ec2:DeleteVpcEndpoints'] },
  },
  'aws:ec2/securityGroup:SecurityGroup': {
    create: {
      newParts: ['ec2:CreateSecurityGroup'],
      parts: ['ec2:CreateSecurityGroup', 'ec2:RevokeSecurityGroupEgress'],
      givenNetwork: ['ec2:CreateSecurityGroup'],
      partsInTheMaking: ['ec2:CreateTags'],
    },
    read: { anything: ['ec2:DescribeSecurityGroups'] },
    update: TAG_PART,
    delete: { anything: ['ec2:DescribeNetworkInterfaces'], parts: ['ec2:DeleteSecurityGroup'] },
  },
  'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule': rule('Ingress'),
  'aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule': rule('Egress'),
  'aws:kms/key:Key': {
    create: {
      newKey: ['kms:CreateKey'],
      keyInTheMaking: ['kms:TagResource'],
      keys: ['kms:EnableKeyRotation'],
    },
    read: { keys: KEY_READS },
    update: {
      keys: [
        'kms:EnableKeyRotation',
        'kms:PutKeyPolicy',
        'kms:UpdateKeyDescription',
        'kms:TagResource',
        'kms:UntagResource',
      ],
    },
  },
  'aws:kms/alias:Alias': {
    create: { aliases: ['kms:CreateAlias'], keys: ['kms:CreateAlias'] },
    read: { anything: ['kms:ListAliases'] },
    update: { aliases: ['kms:UpdateAlias'], keys: ['kms:UpdateAlias'] },
  },
  'aws:s3/bucket:Bucket': {
    create: { bucket: ['s3:CreateBucket', 's3:PutBucketTagging', 's3:PutBucketObjectLockConfiguration'] },
    read: {
      bucket: [
        's3:ListBucket',
        's3:GetAccelerateConfiguration',
        's3:GetBucketAcl',
        's3:GetBucketCORS',
        's3:GetBucketLocation',
        's3:GetBucketLogging',
        's3:GetBucketObjectLockConfiguration',
        's3:GetBucketPolicy',
        's3:GetBucketRequestPayment',
        's3:GetBucketTagging',
        's3:GetBucketVersioning',
        's3:GetBucketWebsite',
        's3:GetEncryptionConfiguration',
        's3:GetLifecycleConfiguration',
        's3:GetReplicationConfiguration',
      ],
    },
    update: { bucket: ['s3:PutBucketTagging'] },
  },
  'aws:s3/bucketOwnershipControls:BucketOwnershipControls': ofBucket(
    's3:PutBucketOwnershipControls',
    's3:GetBucketOwnershipControls',
  ),
  'aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock': ofBucket(
    's3:PutBucketPublicAccessBlock',
    's3:GetBucketPublicAccessBlock',
  ),
  'aws:s3/bucketVersioning:BucketVersioning': ofBucket('s3:PutBucketVersioning', 's3:GetBucketVersioning'),
  'aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration': ofBucket(
    's3:PutEncryptionConfiguration',
    's3:GetEncryptionConfiguration',
  ),
  'aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration': ofBucket(
    's3:PutBucketObjectLockConfiguration',
    's3:GetBucketObjectLockConfiguration',
  ),
  'aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration': ofBucket(
    's3:PutLifecycleConfiguration',
    's3:GetLifecycleConfiguration',
  ),
  'aws:s3/bucketPolicy:BucketPolicy': ofBucket('s3:PutBucketPolicy', 's3:GetBucketPolicy'),
  'aws:cloudwatch/logGroup:LogGroup': {
    create: {
      logGroups: [
        'logs:CreateLogGroup',
        'logs:PutRetentionPolicy',
        'logs:AssociateKmsKey',
        'logs:TagResource',
      ],
    },
    read: { anything: ['logs:DescribeLogGroups'], logGroups: ['logs:ListTagsForResource'] },
    update: {
      logGroups: [
        'logs:PutRetentionPolicy',
        'logs:AssociateKmsKey',
        'logs:TagResource',
        'logs:UntagResource',
      ],
    },
    delete: { logGroups: ['logs:DeleteLogGroup'] },
  },
  'aws:cloudwatch/metricAlarm:MetricAlarm': {
    create: { alarms: ['cloudwatch:PutMetricAlarm', 'cloudwatch:TagResource'] },
    read: { alarms: ['cloudwatch:DescribeAlarms', 'cloudwatch:ListTagsForResource'] },
    update: {
      alarms: ['cloudwatch:PutMetricAlarm', 'cloudwatch:TagResource', 'cloudwatch:UntagResource'],
    },
    delete: { alarms: ['cloudwatch:DeleteAlarms'] },
  },
  'aws:cloudwatch/logMetricFilter:LogMetricFilter': {
    create: { logGroups: ['logs:PutMetricFilter'] },
    read: { logGroups: ['logs:DescribeMetricFilters'] },
    update: { logGroups: ['logs:PutMetricFilter'] },
    delete: { logGroups: ['logs:DeleteMetricFilter'] },
  },
  'aws:cloudwatch/eventRule:EventRule': {
    create: { events: ['events:PutRule', 'events:TagResource'] },
    read: { events: ['events:DescribeRule', 'events:ListTagsForResource'] },
    update: { events: ['events:PutRule', 'events:TagResource', 'events:UntagResource'] },
    delete: { events: ['events:DeleteRule'] },
  },
  'aws:cloudwatch/eventTarget:EventTarget': {
    create: { events: ['events:PutTargets'] },
    read: { events: ['events:ListTargetsByRule'] },
    update: { events: ['events:PutTargets'] },
    delete: { events: ['events:RemoveTargets'] },
  },
  'aws:ecs/cluster:Cluster': {
    create: { worker: ['ecs:CreateCluster', 'ecs:TagResource'] },
    read: { worker: ['ecs:DescribeClusters'] },
    update: { worker: ['ecs:UpdateCluster', ...ECS_TAGS] },
    delete: { worker: ['ecs:DeleteCluster'] },
  },
  'aws:ecs/taskDefinition:TaskDefinition': {
    create: {
      worker: ['ecs:RegisterTaskDefinition', 'ecs:TagResource'],
      rolesOfContainers: ['iam:PassRole'],
    },
    read: { anything: ['ecs:DescribeTaskDefinition'] },
    update: { worker: ECS_TAGS },
    delete: { anything: ['ecs:DeregisterTaskDefinition'] },
  },
  'aws:ecs/service:Service': {
    create: { worker: ['ecs:CreateService', 'ecs:TagResource'] },
    read: { worker: ['ecs:DescribeServices'] },
    update: { worker: ['ecs:UpdateService', ...ECS_TAGS] },
    // It is brought down to no container first.
    delete: { worker: ['ecs:UpdateService', 'ecs:DeleteService'] },
  },
  'aws:rds/subnetGroup:SubnetGroup': {
    create: { databaseParts: ['rds:CreateDBSubnetGroup', 'rds:AddTagsToResource'] },
    read: { databaseParts: ['rds:DescribeDBSubnetGroups', 'rds:ListTagsForResource'] },
    update: { databaseParts: ['rds:ModifyDBSubnetGroup', ...RDS_TAGS] },
    delete: { databaseParts: ['rds:DeleteDBSubnetGroup'] },
  },
  'aws:rds/parameterGroup:ParameterGroup': {
    create: {
      databaseParts: ['rds:CreateDBParameterGroup', 'rds:ModifyDBParameterGroup', 'rds:AddTagsToResource'],
    },
    read: {
      databaseParts: ['rds:DescribeDBParameterGroups', 'rds:DescribeDBParameters', 'rds:ListTagsForResource'],
    },
    update: { databaseParts: ['rds:ModifyDBParameterGroup', 'rds:ResetDBParameterGroup', ...RDS_TAGS] },
    delete: { databaseParts: ['rds:DeleteDBParameterGroup'] },
  },
  'aws:rds/instance:Instance': {
    create: {
      database: ['rds:CreateDBInstance', 'rds:AddTagsToResource'],
      databaseParts: ['rds:CreateDBInstance'],
      // RDS makes the secret with the rights of who makes the instance.
      newMasterSecret: ['secretsmanager:CreateSecret', 'secretsmanager:TagResource'],
    },
    read: { database: ['rds:DescribeDBInstances', 'rds:ListTagsForResource'] },
    update: { database: ['rds:ModifyDBInstance', ...RDS_TAGS], databaseParts: ['rds:ModifyDBInstance'] },
    delete: { database: ['rds:DeleteDBInstance'] },
  },
  'aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication': {
    create: {
      database: ['rds:StartDBInstanceAutomatedBackupsReplication'],
      backups: ['rds:StartDBInstanceAutomatedBackupsReplication'],
    },
    read: { backups: ['rds:DescribeDBInstanceAutomatedBackups'] },
    // They end and begin again: RDS changes none.
    update: {
      database: [
        'rds:StopDBInstanceAutomatedBackupsReplication',
        'rds:StartDBInstanceAutomatedBackupsReplication',
      ],
      backups: ['rds:StartDBInstanceAutomatedBackupsReplication'],
    },
    delete: { database: ['rds:StopDBInstanceAutomatedBackupsReplication'] },
  },
  'aws:iam/role:Role': {
    create: { roles: ['iam:CreateRole', 'iam:TagRole'] },
    read: { roles: ROLE_READS },
    update: {
      roles: ['iam:UpdateAssumeRolePolicy', 'iam:UpdateRoleDescription', 'iam:TagRole', 'iam:UntagRole'],
    },
    delete: { roles: ['iam:ListInstanceProfilesForRole', 'iam:DeleteRole'] },
  },
  'aws:iam/rolePolicy:RolePolicy': {
    create: { roles: ['iam:PutRolePolicy'] },
    read: { roles: ['iam:GetRolePolicy'] },
    update: { roles: ['iam:PutRolePolicy'] },
    delete: { roles: ['iam:DeleteRolePolicy'] },
  },
};

/** The permissions that calls of the plugin need, each once. */
export const pluginPermissions = (
  calls: readonly PluginCalls[],
): { readonly action: string; readonly on: ThingName }[] =>
  calls.flatMap((ofType) =>
    Object.values(ofType).flatMap((actions) =>
      Object.entries(actions).flatMap(([on, named]) =>
        named.map((action) => ({ action, on: on as ThingName })),
      ),
    ),
  );
