import type { KeyMetadata } from '@aws-sdk/client-kms';
import { regionOfArn } from '../../../core/arn.js';
import { clientLimits } from '../../../core/aws-client-limits.js';
import { RingfenceError } from '../../../core/errors.js';
import { isRegionName, residencyProblem } from '../../../core/regions.js';
import { translateKmsError } from '../../../data-plane/keys/aws-kms-errors.js';
import { atEndpoint } from '../endpoint.js';
import { bucketWhereabouts } from '../s3/whereabouts.js';
import { accountIn } from '../sts/account.js';
import { connectState } from './bucket.js';
import { translateStateError } from './errors.js';
import { placeName, type StatePlace } from './place.js';

const PATIENCE = { attempts: 4, connectMs: 5_000, answerMs: 30_000 };

/**
 * Asks AWS whether a place is what it says: our account's bucket, in its region and copied nowhere outside of the EU; our account's key,
 * which seals and is in the EU alone.
 * @returns whether the bucket keeps versions.
 * @throws RingfenceError `config_invalid`, `residency_violated`, `residency_unproven`, `permission_denied`, `object_store_unavailable`,
 * `key_access_denied`, `key_not_found`, `kms_unavailable`
 */
export const checkStatePlace = async (
  place: StatePlace,
  env: NodeJS.ProcessEnv,
): Promise<{ readonly keepsVersions: boolean }> => {
  const account = await accountIn(place.region);
  if (place.key.account !== account)
    throw new RingfenceError(
      'config_invalid',
      `the key that seals the state is of account ${place.key.account}, the credentials of ${account}: who owns the key can take the state away`,
      { fix: 'name a key of your own account as kmsKeyId in RINGFENCE_STATE, or use its credentials' },
    );
  const keepsVersions = await checkBucket(place, account, env);
  await checkKey(place);
  return { keepsVersions };
};

const checkBucket = async (place: StatePlace, account: string, env: NodeJS.ProcessEnv): Promise<boolean> => {
  const { bucket } = place;
  const { GetBucketVersioningCommand, HeadBucketCommand } = await import('@aws-sdk/client-s3');
  const client = await connectState(place, env, { followRegionRedirects: true });
  try {
    // A bucket of somebody else is refused as one that we have no right to.
    const head = await client.send(new HeadBucketCommand({ Bucket: bucket, ExpectedBucketOwner: account }));
    const [own, ...copies] = await bucketWhereabouts(client, bucket, atEndpoint(env, 'S3'));
    const region = own?.answer === 'region' ? own.region : head.BucketRegion;
    if (region !== place.region)
      throw new RingfenceError(
        'config_invalid',
        `the bucket ${bucket} is in ${region ?? 'a region that nobody tells'}, not in ${place.region}`,
        { fix: 'write the region of the bucket as region= in RINGFENCE_STATE; it has to be one of the EU' },
      );
    for (const { what, ...told } of copies) {
      if (told.answer === 'region') refuseOutside(what, told.region);
      else if (told.answer !== 'none')
        throw new RingfenceError('residency_unproven', `nobody tells where ${what} is: ${told.evidence}`, {
          fix: `allow s3:GetReplicationConfiguration on ${bucket}, and s3:GetBucketLocation on it and its copies`,
        });
    }
    const { Status } = await client.send(new GetBucketVersioningCommand({ Bucket: bucket }));
    return Status === 'Enabled';
  } catch (error) {
    throw translateStateError(error, place);
  } finally {
    client.destroy();
  }
};

const checkKey = async ({ key, ...place }: StatePlace): Promise<void> => {
  const found = await describe(key);
  if (!found?.Enabled)
    throw new RingfenceError(
      'key_access_denied',
      `the key that seals the state in ${placeName(place)} is ${found?.KeyState ?? 'not there'}`,
      { fix: `aws kms enable-key --region ${key.region} --key-id ${key.arn}` },
    );
  if (found.KeySpec !== undefined && found.KeySpec !== 'SYMMETRIC_DEFAULT')
    throw new RingfenceError('config_invalid', `the key of the state is of the kind ${found.KeySpec}`, {
      fix: 'name a symmetric key for encryption (SYMMETRIC_DEFAULT) as kmsKeyId in RINGFENCE_STATE',
    });
  const { PrimaryKey: primary, ReplicaKeys: replicas = [] } = found.MultiRegionConfiguration ?? {};
  for (const { Arn: arn = '' } of [...(primary ? [primary] : []), ...replicas])
    refuseOutside(`a copy of the key (${arn})`, regionOfArn(arn) ?? '');
};

const describe = async ({ arn, region }: StatePlace['key']): Promise<KeyMetadata | undefined> => {
  const { DescribeKeyCommand, KMSClient } = await import('@aws-sdk/client-kms');
  const client = new KMSClient({ region, ...clientLimits(PATIENCE) });
  try {
    return (await client.send(new DescribeKeyCommand({ KeyId: arn }))).KeyMetadata;
  } catch (error) {
    const { code, message, fix = '' } = translateKmsError(error);
    throw new RingfenceError(code, `the key that seals the state: ${message.replace('root key', 'key')}`, {
      fix: code === 'key_not_found' ? 'correct kmsKeyId in RINGFENCE_STATE' : fix,
      cause: error,
    });
  } finally {
    client.destroy();
  }
};

const refuseOutside = (what: string, region: string): void => {
  const problem = isRegionName(region)
    ? residencyProblem(region, 'eu')
    : `${region} is no region that Ringfence knows`;
  if (problem === undefined) return;
  throw new RingfenceError(
    'residency_violated',
    `the state would leave the EU: ${what} is there (${problem})`,
    {
      fix: 'take a bucket and a key without copies outside of the EU',
    },
  );
};
