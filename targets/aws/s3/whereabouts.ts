import type { ReplicationRule, S3Client } from '@aws-sdk/client-s3';
import { orUnknown, type Whereabouts } from '../../../core/whereabouts.js';
import { isWithoutReplication, translateS3Error } from './errors.js';

const sdk = () => import('@aws-sdk/client-s3');

/** S3's names of the regions that its own API calls otherwise: none, and the one of the time when there were two. */
const EARLIER_NAMES: Readonly<Record<string, string>> = { '': 'us-east-1', EU: 'eu-west-1' };

/**
 * Where a bucket is, and every bucket that S3 copies it to. A rule that is disabled counts, because what it copied stays.
 * @param client follows a bucket into its region.
 * @param endpoint as `atEndpoint` tells it.
 */
export const bucketWhereabouts = async (
  client: S3Client,
  bucket: string,
  endpoint: string,
): Promise<Whereabouts[]> => {
  const bucketOf: Locate = (name, what) => locate(client, name, what, endpoint);
  return [
    ...(await bucketOf(bucket, `bucket ${bucket}`)),
    ...(await copiesOf(client, bucket, endpoint, bucketOf)),
  ];
};

type Locate = (bucket: string, what: string) => Promise<readonly Whereabouts[]>;

const locate = (
  client: S3Client,
  bucket: string,
  what: string,
  endpoint: string,
): Promise<readonly Whereabouts[]> =>
  orUnknown(what, async () => {
    const { GetBucketLocationCommand } = await sdk();
    const asked = `s3:GetBucketLocation${endpoint}`;
    const { LocationConstraint: said = '' } = await guarded(
      client.send(new GetBucketLocationCommand({ Bucket: bucket })),
    );
    const region = EARLIER_NAMES[said] ?? said;
    return [
      { what, answer: 'region', region, evidence: `${asked}: ${bucket} is in ${said || `'' (${region})`}` },
    ];
  });

const copiesOf = (
  client: S3Client,
  bucket: string,
  endpoint: string,
  bucketOf: Locate,
): Promise<readonly Whereabouts[]> => {
  const what = `copies of bucket ${bucket}`;
  return orUnknown(what, async () => {
    const rules = await rulesOf(client, bucket);
    const targets = new Set(rules.flatMap(({ Destination: to }) => to?.Bucket ?? []));
    if (targets.size === 0)
      return [{ what, answer: 'none', evidence: `s3:GetBucketReplication${endpoint}: there is no rule` }];
    const found: Whereabouts[] = [];
    for (const arn of targets) {
      const copy = arn.split(':').at(-1) ?? '';
      found.push(...(await bucketOf(copy, `bucket ${copy}, a copy of ${bucket}`)));
    }
    return found;
  });
};

const rulesOf = async (client: S3Client, bucket: string): Promise<readonly ReplicationRule[]> => {
  const { GetBucketReplicationCommand } = await sdk();
  try {
    const { ReplicationConfiguration: found } = await client.send(
      new GetBucketReplicationCommand({ Bucket: bucket }),
    );
    return found?.Rules ?? [];
  } catch (error) {
    if (isWithoutReplication(error)) return [];
    throw translateS3Error(error);
  }
};

const guarded = async <T>(answer: Promise<T>): Promise<T> => {
  try {
    return await answer;
  } catch (error) {
    throw translateS3Error(error);
  }
};
