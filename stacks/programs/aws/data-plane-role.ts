import { Role } from '@pulumi/aws/iam/role.js';
import { RolePolicy } from '@pulumi/aws/iam/rolePolicy.js';
import type { Key } from '@pulumi/aws/kms/key.js';
import type { Instance } from '@pulumi/aws/rds/instance.js';
import type { Bucket } from '@pulumi/aws/s3/bucket.js';
import * as pulumi from '@pulumi/pulumi';
import { policyOf } from './key-policy.js';
import type { AwsScope } from './scope.js';

/** Logins that take a token of IAM instead of a password. */
const IAM_LOGINS = ['ringfence_app', 'ringfence_keeper'];

/** The role of the data plane: containers of this account take it, and the operators of the inputs. */
export const dataPlaneRole = ({ inputs, names, options, tags }: AwsScope): Role =>
  new Role(
    'data-plane',
    {
      name: names.role,
      description: `Data plane of Ringfence cell ${inputs.cell}`,
      assumeRolePolicy: policyOf([
        {
          Effect: 'Allow',
          Principal: { Service: 'ecs-tasks.amazonaws.com' },
          Action: 'sts:AssumeRole',
          Condition: { StringEquals: { 'aws:SourceAccount': inputs.account } },
        },
        ...(inputs.operators.length === 0
          ? []
          : [{ Effect: 'Allow', Principal: { AWS: inputs.operators }, Action: 'sts:AssumeRole' }]),
      ]),
      tags: tags(),
    },
    options,
  );

/** What that role may do in AWS: the cell's own things, by their names. */
export const dataPlanePolicy = (
  { inputs, partition, options }: AwsScope,
  cell: {
    readonly role: Role;
    readonly bucket: Bucket;
    readonly database: Instance;
    readonly tenantKey: Key;
  },
): void => {
  const { role, bucket, database, tenantKey } = cell;
  new RolePolicy(
    'data-plane',
    {
      name: 'cell',
      role: role.id,
      policy: pulumi
        .all([bucket.arn, tenantKey.arn, database.arn, database.resourceId, database.masterUserSecrets])
        .apply(([bucketArn, keyArn, databaseArn, resourceId, secrets]) =>
          policyOf([
            {
              Sid: 'TenantKeys',
              Effect: 'Allow',
              Action: [
                'kms:Encrypt',
                'kms:Decrypt',
                'kms:ReEncryptFrom',
                'kms:ReEncryptTo',
                'kms:DescribeKey',
              ],
              Resource: keyArn,
            },
            {
              Sid: 'Bucket',
              Effect: 'Allow',
              Action: [
                's3:ListBucket',
                's3:ListBucketVersions',
                's3:GetBucketObjectLockConfiguration',
                's3:GetBucketLocation',
              ],
              Resource: bucketArn,
            },
            {
              Sid: 'Objects',
              Effect: 'Allow',
              Action: [
                's3:GetObject',
                's3:PutObject',
                's3:PutObjectRetention',
                's3:DeleteObject',
                's3:DeleteObjectVersion',
                's3:AbortMultipartUpload',
              ],
              Resource: `${bucketArn}/*`,
            },
            { Sid: 'Database', Effect: 'Allow', Action: 'rds:DescribeDBInstances', Resource: databaseArn },
            {
              Sid: 'Logins',
              Effect: 'Allow',
              Action: 'rds-db:connect',
              Resource: IAM_LOGINS.map(
                (login) =>
                  `arn:${partition}:rds-db:${inputs.region}:${inputs.account}:dbuser:${resourceId}/${login}`,
              ),
            },
            {
              Sid: 'MasterPassword',
              Effect: 'Allow',
              Action: 'secretsmanager:GetSecretValue',
              Resource: secrets.map(({ secretArn }) => secretArn),
            },
          ]),
        ),
    },
    options,
  );
};
