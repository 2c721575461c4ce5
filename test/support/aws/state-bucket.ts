import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateBucketCommand, PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';

export const BUCKET = 'clinic-state';
export const PREFIX = 'one';
const REGION = 'eu-central-1';

/** A bucket with versions, and a key, in a stand-in. */
export interface StateInS3 {
  readonly s3: S3Client;
  readonly kms: KMSClient;
  /** ARN of the key. */
  readonly key: string;
  /** As RINGFENCE_STATE has it. */
  place(bucket?: string): string;
}

export const makeStateBucket = async (endpoint: string): Promise<StateInS3> => {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = { endpoint, region: REGION, credentials };
  const s3 = new S3Client({ ...client, forcePathStyle: true });
  const kms = new KMSClient(client);
  await s3.send(
    new CreateBucketCommand({ Bucket: BUCKET, CreateBucketConfiguration: { LocationConstraint: REGION } }),
  );
  await s3.send(
    new PutBucketVersioningCommand({ Bucket: BUCKET, VersioningConfiguration: { Status: 'Enabled' } }),
  );
  const key = (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? '';
  return {
    s3,
    kms,
    key,
    place: (bucket = BUCKET) => `s3://${bucket}/${PREFIX}?region=${REGION}&kmsKeyId=${key}`,
  };
};

/** What a project asks that stand-in with. */
export const awsEnvironment = (endpoint: string): Record<string, string> => ({
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_ENDPOINT_URL: endpoint,
});
