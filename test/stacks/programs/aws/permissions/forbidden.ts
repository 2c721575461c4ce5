import type { AwsRole } from '../../../../../core/aws-roles.js';
import { ACCOUNT } from '../../../../support/aws/stand-in/cloud.js';

/** A call that a role may not make, and that moto's IAM tells apart from those that it may. */
export interface Forbidden {
  readonly call: string;
  readonly parameters?: Readonly<Record<string, string>>;
  /** Every role when left out. */
  readonly to?: readonly AwsRole[];
}

const NO_DEPLOYER: readonly AwsRole[] = ['worker', 'restorer', 'application'];
const all = (service: string, ...operations: string[]): Forbidden[] =>
  operations.map((operation) => ({ call: `${service}:${operation}` }));
const to = (roles: readonly AwsRole[], calls: readonly Forbidden[]): Forbidden[] =>
  calls.map((forbidden) => ({ ...forbidden, to: roles }));

/** @param own the bucket of the cell */
export const forbiddenCalls = (own: string): readonly Forbidden[] => [
  // The bucket of another cell.
  ...all(
    's3',
    'GET /ringfence-other-0123456789?list-type=2',
    'GET /ringfence-other-0123456789/clinic.backup',
    'PUT /ringfence-other-0123456789/clinic.backup',
    'DELETE /ringfence-other-0123456789/clinic.backup?versionId=1',
    'PUT /ringfence-other-0123456789?policy',
    'DELETE /ringfence-other-0123456789',
  ),
  // What would open the cell's own bucket, or end it.
  ...all(
    's3',
    `DELETE /${own}`,
    `DELETE /${own}?policy`,
    `PUT /${own}?acl`,
    `PUT /${own}?cors`,
    `PUT /${own}?website`,
    `PUT /${own}?logging`,
    `PUT /${own}/clinic.backup?acl`,
  ),
  ...to(NO_DEPLOYER, all('s3', `PUT /${own}?object-lock`, `PUT /${own}?versioning`, `PUT /${own}?policy`)),
  // Keys: the customer's, or the cell's, are not ended, closed or given away.
  ...all(
    'kms',
    'ScheduleKeyDeletion',
    'DisableKey',
    'DisableKeyRotation',
    'CreateGrant',
    'GenerateDataKey',
    'ReEncrypt',
    'ReplicateKey',
    'UpdatePrimaryRegion',
  ),
  ...to(NO_DEPLOYER, all('kms', 'PutKeyPolicy', 'CreateKey', 'CreateAlias')),
  // Copies of the database outside of the cell.
  ...all(
    'rds',
    'ModifyDBSnapshotAttribute',
    'CopyDBSnapshot',
    'CreateDBSnapshot',
    'DeleteDBSnapshot',
    'StartExportTask',
    'CreateDBInstanceReadReplica',
    'DeleteDBInstanceAutomatedBackup',
  ),
  ...to(['worker', 'application'], all('rds', 'DeleteDBInstance', 'ModifyDBInstance')),
  // More rights than one has.
  ...all(
    'iam',
    'CreateUser',
    'CreateAccessKey',
    'CreateLoginProfile',
    'AttachRolePolicy',
    'AttachUserPolicy',
    'PutUserPolicy',
    'AddUserToGroup',
    'CreatePolicyVersion',
    'DeleteRolePermissionsBoundary',
  ),
  {
    call: 'sts:AssumeRole',
    parameters: { RoleArn: `arn:aws:iam::${ACCOUNT}:role/administrator`, RoleSessionName: 'x' },
  },
  ...all('ec2', 'RunInstances', 'CreateInternetGateway', 'CreateVpcPeeringConnection', 'CreateRoute'),
  ...to(NO_DEPLOYER, all('iam', 'PutRolePolicy', 'UpdateAssumeRolePolicy', 'CreateRole')),
  // Secrets and logs.
  ...all('secretsmanager', 'PutSecretValue', 'DeleteSecret', 'PutResourcePolicy', 'ListSecrets'),
  ...all('logs', 'GetLogEvents', 'FilterLogEvents', 'PutSubscriptionFilter', 'CreateExportTask'),
  // What holds clinics' data is not the deployer's to read.
  ...to(['deployer'], all('kms', 'Encrypt', 'Decrypt')),
  ...to(
    ['deployer'],
    all(
      's3',
      `GET /${own}/clinic.backup`,
      `PUT /${own}/clinic.backup`,
      `DELETE /${own}/clinic.backup?versionId=1`,
    ),
  ),
  // An application opens keys, and nothing else.
  ...to(['application'], all('kms', 'Encrypt')),
  ...to(['application'], all('s3', `GET /${own}?list-type=2`, `GET /${own}/clinic.backup`)),
  ...to(['application'], all('rds', 'DescribeDBInstances')),
  ...to(['application'], all('secretsmanager', 'GetSecretValue')),
];
