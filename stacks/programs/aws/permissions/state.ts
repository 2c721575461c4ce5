import type { Statement } from '../key-policy.js';
import { partitionOf } from '../names.js';

/** The bucket and the key that a state in S3 has. */
export interface StateThings {
  readonly bucket: string;
  /** '' for the whole bucket. */
  readonly prefix: string;
  readonly region: Parameters<typeof partitionOf>[0];
  readonly key: { readonly arn: string };
}

/** A permission of the state's own, and the calls of the engine and of our client that need it. */
interface StatePermission {
  readonly action: string;
  readonly on: 'bucket' | 'objects' | 'key' | 'keyInContext';
  readonly calls: readonly string[];
}

/**
 * What whoever deploys calls on the state. It is of the project, not of a cell, and the policy of a cell's deployer has no room for it:
 * a policy of its own goes onto the same role.
 */
export const STATE: readonly StatePermission[] = [
  { action: 's3:ListBucket', on: 'bucket', calls: ['s3:ListObjectsV2', 's3:HeadBucket'] },
  { action: 's3:ListBucketVersions', on: 'bucket', calls: ['s3:ListObjectVersions'] },
  { action: 's3:GetBucketLocation', on: 'bucket', calls: ['s3:GetBucketLocation'] },
  { action: 's3:GetBucketVersioning', on: 'bucket', calls: ['s3:GetBucketVersioning'] },
  { action: 's3:GetReplicationConfiguration', on: 'bucket', calls: ['s3:GetBucketReplication'] },
  { action: 's3:GetObject', on: 'objects', calls: ['s3:GetObject', 's3:HeadObject'] },
  // The engine copies a checkpoint before it writes the next one, which is both of these.
  { action: 's3:PutObject', on: 'objects', calls: ['s3:PutObject'] },
  { action: 's3:DeleteObject', on: 'objects', calls: ['s3:DeleteObject'] },
  // An erasure leaves no version of a tenant's stack.
  { action: 's3:DeleteObjectVersion', on: 'objects', calls: ['s3:DeleteObject'] },
  { action: 'kms:DescribeKey', on: 'key', calls: ['kms:DescribeKey'] },
  { action: 'kms:Encrypt', on: 'keyInContext', calls: ['kms:Encrypt'] },
  { action: 'kms:Decrypt', on: 'keyInContext', calls: ['kms:Decrypt'] },
];

/** The statements of a policy with all that the state needs, and nothing else. @param context of every use of the key. */
export const stateStatements = (
  { bucket, prefix, region, key }: StateThings,
  context: Readonly<Record<string, string>>,
): Statement[] => {
  const arn = `arn:${partitionOf(region)}:s3:::${bucket}`;
  const inContext = Object.entries(context).map(([name, value]) => [`kms:EncryptionContext:${name}`, value]);
  const things = {
    bucket: { Resource: [arn] },
    objects: { Resource: [`${arn}/${prefix === '' ? '' : `${prefix}/`}*`] },
    key: { Resource: [key.arn] },
    keyInContext: { Resource: [key.arn], Condition: { StringEquals: Object.fromEntries(inContext) } },
  };
  return (['bucket', 'objects', 'key', 'keyInContext'] as const).map((on) => ({
    Effect: 'Allow',
    Action: STATE.filter((permission) => permission.on === on).map(({ action }) => action),
    ...things[on],
  }));
};
