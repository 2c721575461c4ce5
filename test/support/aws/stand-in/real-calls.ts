import {
  CreateDBInstanceCommand,
  DeleteDBInstanceCommand,
  DescribeDBInstancesCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import {
  CreateBucketCommand,
  PutBucketVersioningCommand,
  PutObjectLockConfigurationCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import type { Properties } from '../../../../stacks/protocol/provider/resource.js';
import type { RealCalls } from './resource.js';

/** The calls that an emulator knows, at the endpoints of AWS's variables: an instance, and a bucket with its lock. */
export const realCalls = (): Readonly<Record<string, RealCalls>> => {
  const rds = (region: string): RDSClient => new RDSClient({ region });
  const s3 = (region: string): S3Client => new S3Client({ region, forcePathStyle: true });
  return {
    'aws:rds/instance:Instance': {
      create: async (inputs, region) => {
        await rds(region).send(new CreateDBInstanceCommand(instanceOf(inputs)));
        const { DBInstances = [] } = await rds(region).send(
          new DescribeDBInstancesCommand({ DBInstanceIdentifier: text(inputs.identifier) }),
        );
        const { Address, Port } = DBInstances[0]?.Endpoint ?? {};
        return { address: Address, endpoint: `${Address}:${Port}` };
      },
      remove: async ({ identifier, finalSnapshotIdentifier }, region) => {
        await rds(region).send(
          new DeleteDBInstanceCommand({
            DBInstanceIdentifier: text(identifier),
            FinalDBSnapshotIdentifier: text(finalSnapshotIdentifier),
          }),
        );
      },
    },
    'aws:s3/bucket:Bucket': {
      create: async ({ bucket, objectLockEnabled }, region) => {
        await s3(region).send(
          new CreateBucketCommand({
            Bucket: text(bucket),
            ObjectLockEnabledForBucket: objectLockEnabled === true,
            CreateBucketConfiguration: { LocationConstraint: region as 'eu-west-1' },
          }),
        );
        return {};
      },
    },
    'aws:s3/bucketVersioning:BucketVersioning': {
      create: async ({ bucket }, region) => {
        await s3(region).send(
          new PutBucketVersioningCommand({
            Bucket: text(bucket),
            VersioningConfiguration: { Status: 'Enabled' },
          }),
        );
        return {};
      },
    },
    'aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration': {
      create: async ({ bucket }, region) => {
        await s3(region).send(
          new PutObjectLockConfigurationCommand({
            Bucket: text(bucket),
            ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled' },
          }),
        );
        return {};
      },
    },
  };
};

const text = (value: unknown): string => String(value ?? '');

/** The inputs of the program in the words of RDS. Keys, networks and parameters are not there. */
const instanceOf = (inputs: Properties) => ({
  DBInstanceIdentifier: text(inputs.identifier),
  Engine: text(inputs.engine),
  EngineVersion: `${text(inputs.engineVersion)}.1`,
  DBInstanceClass: text(inputs.instanceClass),
  AllocatedStorage: Number(inputs.allocatedStorage),
  StorageEncrypted: inputs.storageEncrypted === true,
  MasterUsername: text(inputs.username),
  ManageMasterUserPassword: inputs.manageMasterUserPassword === true,
  MultiAZ: inputs.multiAz === true,
  PubliclyAccessible: inputs.publiclyAccessible === true,
  BackupRetentionPeriod: Number(inputs.backupRetentionPeriod),
  DeletionProtection: inputs.deletionProtection === true,
  EnableCloudwatchLogsExports: inputs.enabledCloudwatchLogsExports as string[],
  Tags: Object.entries(inputs.tags as Record<string, string>).map(([Key, Value]) => ({ Key, Value })),
});
