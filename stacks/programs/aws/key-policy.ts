import type { AwsScope } from './scope.js';

/** A statement of a policy, as IAM writes it. */
export type Statement = Readonly<Record<string, unknown>>;

export const policyOf = (statements: readonly Statement[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements });

const USE = ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncryptFrom', 'kms:ReEncryptTo', 'kms:GenerateDataKey'];

/** The account looks after its keys; nothing here encrypts, decrypts, or grants that. */
const administered = ({ inputs, partition }: AwsScope): Statement => ({
  Sid: 'AccountAdministers',
  Effect: 'Allow',
  Principal: { AWS: `arn:${partition}:iam::${inputs.account}:root` },
  Action: [
    'kms:CancelKeyDeletion',
    'kms:CreateAlias',
    'kms:DeleteAlias',
    'kms:DescribeKey',
    'kms:DisableKey',
    'kms:EnableKey',
    'kms:EnableKeyRotation',
    'kms:GetKeyPolicy',
    'kms:GetKeyRotationStatus',
    'kms:ListAliases',
    'kms:ListGrants',
    'kms:ListKeyRotations',
    'kms:ListResourceTags',
    'kms:PutKeyPolicy',
    'kms:RevokeGrant',
    'kms:ScheduleKeyDeletion',
    'kms:TagResource',
    'kms:UntagResource',
    'kms:UpdateAlias',
    'kms:UpdateKeyDescription',
  ],
  Resource: '*',
});

/** The root of the tenants' keys: for the role of the data plane only, and for nobody without a context that binds a key. */
export const tenantKeyPolicy = (scope: AwsScope, roleArn: string): string =>
  policyOf([
    administered(scope),
    {
      Sid: 'DataPlaneUses',
      Effect: 'Allow',
      Principal: { AWS: roleArn },
      Action: ['kms:Encrypt', 'kms:Decrypt'],
      Resource: '*',
      Condition: { Null: { 'kms:EncryptionContextKeys': 'false' } },
    },
    {
      Sid: 'DataPlaneLooks',
      Effect: 'Allow',
      Principal: { AWS: roleArn },
      Action: 'kms:DescribeKey',
      Resource: '*',
    },
    {
      Sid: 'NobodyWithoutContext',
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Action: USE,
      Resource: '*',
      Condition: { Null: { 'kms:EncryptionContextKeys': 'true' } },
    },
  ]);

/** The key of disks, snapshots, objects, logs and the master password: for AWS's own services, on behalf of this account. */
export const storageKeyPolicy = (scope: AwsScope, region: string): string => {
  const { inputs, partition, names } = scope;
  const { account } = inputs;
  const domain = partition === 'aws-eusc' ? 'amazonaws.eu' : 'amazonaws.com';
  const services = ['rds', 's3', 'secretsmanager'].map((service) => `${service}.${region}.${domain}`);
  return policyOf([
    administered(scope),
    {
      Sid: 'ServicesOfAccountUse',
      Effect: 'Allow',
      Principal: { AWS: '*' },
      Action: [...USE, 'kms:GenerateDataKeyWithoutPlaintext', 'kms:DescribeKey'],
      Resource: '*',
      Condition: { StringEquals: { 'kms:CallerAccount': account, 'kms:ViaService': services } },
    },
    {
      Sid: 'RdsGrants',
      Effect: 'Allow',
      Principal: { AWS: '*' },
      Action: 'kms:CreateGrant',
      Resource: '*',
      Condition: {
        StringEquals: { 'kms:CallerAccount': account, 'kms:ViaService': `rds.${region}.${domain}` },
        Bool: { 'kms:GrantIsForAWSResource': 'true' },
      },
    },
    {
      Sid: 'LogsOfInstance',
      Effect: 'Allow',
      Principal: { Service: `logs.${region}.${domain}` },
      Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
      Resource: '*',
      Condition: {
        ArnLike: {
          'kms:EncryptionContext:aws:logs:arn': [
            names.logGroup('*'),
            ...(inputs.worker === null ? [] : [names.workerLogs]),
          ].map((group) => `arn:${partition}:logs:${region}:${account}:log-group:${group}`),
        },
      },
    },
    ...(inputs.worker === null || region !== inputs.region ? [] : fargateUses(scope)),
  ]);
};

/** Fargate encrypts the disks of containers (ECS Developer Guide, customer managed keys for Fargate ephemeral storage). */
const fargateUses = ({ inputs, names }: AwsScope): Statement[] => {
  const fargate = { Effect: 'Allow', Principal: { Service: 'fargate.amazonaws.com' }, Resource: '*' };
  const ofCluster = {
    'kms:EncryptionContext:aws:ecs:clusterAccount': inputs.account,
    'kms:EncryptionContext:aws:ecs:clusterName': names.cluster,
  };
  return [
    {
      ...fargate,
      Sid: 'DisksOfContainers',
      Action: 'kms:GenerateDataKeyWithoutPlaintext',
      Condition: { StringEquals: ofCluster },
    },
    {
      ...fargate,
      Sid: 'GrantsForDisksOfContainers',
      Action: 'kms:CreateGrant',
      Condition: {
        StringEquals: ofCluster,
        'ForAllValues:StringEquals': { 'kms:GrantOperations': ['Decrypt'] },
      },
    },
  ];
};
