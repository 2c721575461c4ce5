import type { Permission } from './permission.js';

/** What the data plane calls: the worker, and the CLI where it works on tenants. */
export const WORKER: readonly Permission[] = [
  { action: 'kms:Encrypt', on: 'tenantKeyInContext', calls: ['kms:Encrypt'] },
  { action: 'kms:Decrypt', on: 'tenantKeyInContext', calls: ['kms:Decrypt'] },
  { action: 'kms:DescribeKey', on: 'tenantKey', calls: ['kms:DescribeKey'] },

  { action: 's3:ListBucket', on: 'bucket', calls: ['s3:ListObjectsV2'] },
  { action: 's3:ListBucketVersions', on: 'bucket', calls: ['s3:ListObjectVersions'] },
  { action: 's3:ListBucketMultipartUploads', on: 'bucket', calls: ['s3:ListMultipartUploads'] },
  { action: 's3:GetBucketObjectLockConfiguration', on: 'bucket', calls: ['s3:GetObjectLockConfiguration'] },
  { action: 's3:GetBucketLocation', on: 'bucket', calls: ['s3:GetBucketLocation'] },
  { action: 's3:GetReplicationConfiguration', on: 'bucket', calls: ['s3:GetBucketReplication'] },
  { action: 's3:GetObject', on: 'objects', calls: ['s3:GetObject', 's3:HeadObject'] },
  // Until when a version is locked is in the answer of HEAD only for those who may ask for it by itself.
  { action: 's3:GetObjectVersion', on: 'objects', calls: ['s3:HeadObject'] },
  { action: 's3:GetObjectRetention', on: 'objects', calls: ['s3:HeadObject'] },
  { action: 's3:GetObjectLegalHold', on: 'objects', calls: ['s3:HeadObject'] },
  {
    action: 's3:PutObject',
    on: 'objects',
    calls: ['s3:PutObject', 's3:CreateMultipartUpload', 's3:UploadPart', 's3:CompleteMultipartUpload'],
  },
  { action: 's3:PutObjectRetention', on: 'objects', calls: ['s3:PutObject', 's3:CreateMultipartUpload'] },
  { action: 's3:DeleteObjectVersion', on: 'objects', calls: ['s3:DeleteObject'] },
  { action: 's3:AbortMultipartUpload', on: 'objects', calls: ['s3:AbortMultipartUpload'] },

  { action: 'rds:DescribeDBInstances', on: 'database', calls: ['rds:DescribeDBInstances'] },
  {
    action: 'rds:DescribeDBInstanceAutomatedBackups',
    on: 'database',
    calls: ['rds:DescribeDBInstanceAutomatedBackups'],
  },
  {
    action: 'rds:DescribeDBInstanceAutomatedBackups',
    on: 'backups',
    calls: ['rds:DescribeDBInstanceAutomatedBackups'],
  },
  { action: 'rds:DescribeDBSnapshots', on: 'database', calls: ['rds:DescribeDBSnapshots'] },
  { action: 'rds:DescribeDBSnapshots', on: 'snapshots', calls: ['rds:DescribeDBSnapshots'] },
  { action: 'secretsmanager:GetSecretValue', on: 'masterSecret', calls: ['secretsmanager:GetSecretValue'] },

  { action: 'rds:DescribeDBInstances', on: 'controlDatabase', calls: ['rds:DescribeDBInstances'] },
  {
    action: 'rds:DescribeDBInstanceAutomatedBackups',
    on: 'controlDatabase',
    calls: ['rds:DescribeDBInstanceAutomatedBackups'],
  },
  { action: 'rds:DescribeDBSnapshots', on: 'controlDatabase', calls: ['rds:DescribeDBSnapshots'] },
  { action: 'secretsmanager:GetSecretValue', on: 'controlSecret', calls: ['secretsmanager:GetSecretValue'] },
];
