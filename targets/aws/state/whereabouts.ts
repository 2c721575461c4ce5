import { clientLimits } from '../../../core/aws-client-limits.js';
import { orUnknown, type Whereabouts } from '../../../core/whereabouts.js';
import { awsKms } from '../../../data-plane/keys/aws-kms.js';
import { atEndpoint } from '../endpoint.js';
import { bucketWhereabouts } from '../s3/whereabouts.js';
import { connectState } from './bucket.js';
import type { StatePlace } from './place.js';

const PATIENCE = { attempts: 4, connectMs: 5_000, answerMs: 30_000 };

/** Where the bucket and the key of a state are, and every copy of them, by the word of S3 and KMS. */
export const stateWhereabouts = async (
  place: StatePlace,
  env: NodeJS.ProcessEnv,
): Promise<readonly Whereabouts[]> => [
  ...(await ofBucket(place, env)),
  ...(await orUnknown(`key of the state ${place.key.arn}`, () => ofKey(place.key))),
];

const ofBucket = async (place: StatePlace, env: NodeJS.ProcessEnv): Promise<Whereabouts[]> => {
  const client = await connectState(place, env, { followRegionRedirects: true });
  try {
    return await bucketWhereabouts(client, place.bucket, atEndpoint(env, 'S3'));
  } finally {
    client.destroy();
  }
};

const ofKey = async ({ arn, region }: StatePlace['key']): Promise<readonly Whereabouts[]> => {
  const { KMSClient } = await import('@aws-sdk/client-kms');
  const client = new KMSClient({ region, ...clientLimits(PATIENCE) });
  try {
    const found = await awsKms(client).whereabouts(arn);
    return found.map((one) => ({ ...one, what: one.what.replace('root key', 'key of the state') }));
  } finally {
    client.destroy();
  }
};
