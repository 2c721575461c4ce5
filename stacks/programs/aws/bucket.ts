import type { Key } from '@pulumi/aws/kms/key.js';
import { Bucket } from '@pulumi/aws/s3/bucket.js';
import { BucketLifecycleConfiguration } from '@pulumi/aws/s3/bucketLifecycleConfiguration.js';
import { BucketObjectLockConfiguration } from '@pulumi/aws/s3/bucketObjectLockConfiguration.js';
import { BucketOwnershipControls } from '@pulumi/aws/s3/bucketOwnershipControls.js';
import { BucketPolicy } from '@pulumi/aws/s3/bucketPolicy.js';
import { BucketPublicAccessBlock } from '@pulumi/aws/s3/bucketPublicAccessBlock.js';
import { BucketServerSideEncryptionConfiguration } from '@pulumi/aws/s3/bucketServerSideEncryptionConfiguration.js';
import { BucketVersioning } from '@pulumi/aws/s3/bucketVersioning.js';
import * as pulumi from '@pulumi/pulumi';
import { bucketPolicy } from './bucket-policy.js';
import { bucketName } from './names.js';
import type { AwsScope } from './scope.js';

const ABANDONED_UPLOAD_DAYS = 2;

/**
 * The bucket of a cell's backups. It can lock objects, as RINGFENCE_OBJECTS asks with `lockDays`; what was deleted is gone a day
 * later. It stays when the cell goes.
 */
export const cellBucket = (scope: AwsScope, key: Key): Bucket => {
  const { inputs, left, tags } = scope;
  const bucket = new Bucket(
    'bucket',
    {
      bucket: bucketName(inputs.cell, inputs.account, inputs.region),
      objectLockEnabled: true,
      forceDestroy: false,
      tags: tags(),
    },
    left,
  );
  const of = { bucket: bucket.id };
  new BucketOwnershipControls('bucket', { ...of, rule: { objectOwnership: 'BucketOwnerEnforced' } }, left);
  const blocked = new BucketPublicAccessBlock(
    'bucket',
    {
      ...of,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    },
    left,
  );
  const versioning = new BucketVersioning(
    'bucket',
    { ...of, versioningConfiguration: { status: 'Enabled' } },
    left,
  );
  new BucketServerSideEncryptionConfiguration(
    'bucket',
    {
      ...of,
      rules: [
        {
          applyServerSideEncryptionByDefault: { sseAlgorithm: 'aws:kms', kmsMasterKeyId: key.arn },
          bucketKeyEnabled: true,
        },
      ],
    },
    left,
  );
  const afterVersioning = { ...left, dependsOn: [versioning] };
  new BucketObjectLockConfiguration(
    'bucket',
    // No default: copies of wrapped keys lie here too, and an erasure deletes them at once (docs/formats.md).
    { ...of, objectLockEnabled: 'Enabled' },
    afterVersioning,
  );
  new BucketLifecycleConfiguration(
    'bucket',
    {
      ...of,
      rules: [
        {
          id: 'erased',
          status: 'Enabled',
          filter: {},
          noncurrentVersionExpiration: { noncurrentDays: 1 },
          expiration: { expiredObjectDeleteMarker: true },
          abortIncompleteMultipartUpload: { daysAfterInitiation: ABANDONED_UPLOAD_DAYS },
        },
      ],
    },
    afterVersioning,
  );
  new BucketPolicy(
    'bucket',
    {
      ...of,
      policy: pulumi.all([bucket.arn, key.arn]).apply(([arn, keyArn]) => bucketPolicy(arn, keyArn)),
    },
    // A policy is checked against the block of public access.
    { ...left, dependsOn: [blocked] },
  );
  return bucket;
};
