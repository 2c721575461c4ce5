import { CreateKeyCommand, DisableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  CreateBucketCommand,
  PutBucketReplicationCommand,
  PutBucketVersioningCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { claimPlace } from '../../../../control-plane/project/state/claim.js';
import { stateBucket } from '../../../../targets/aws/state/bucket.js';
import { checkStatePlace } from '../../../../targets/aws/state/check.js';
import { parseStatePlace, type StatePlace } from '../../../../targets/aws/state/place.js';
import { findMinistack, type Ministack, startMinistack } from '../../../support/ministack.js';

const program = await findMinistack();
const REGION = 'eu-central-1';
const [ONE, OTHER] = ['6f9619ff-8b86-4d01-b42d-00cf4fc964ff', '0b7a1f0e-6a53-4c52-9c55-2f7f4f0f6c11'];

describe.skipIf(program === undefined)('The place of a state, as AWS says it', () => {
  let ministack: Ministack;
  let key: string;
  const at = (bucket: string, changes: Partial<StatePlace> = {}): StatePlace => ({
    ...parseStatePlace(`s3://${bucket}/one?region=${REGION}&kmsKeyId=${key}`),
    ...changes,
  });
  const check = (place: StatePlace) => checkStatePlace(place, process.env);

  beforeAll(async () => {
    ministack = await startMinistack(program ?? '');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
    vi.stubEnv('AWS_ENDPOINT_URL', ministack.endpoint);
    const s3 = new S3Client({ region: REGION, forcePathStyle: true, followRegionRedirects: true });
    for (const [Bucket, region] of [
      ['plain', REGION],
      ['versioned', REGION],
      ['irish', 'eu-west-1'],
      ['copied', REGION],
      ['in-london', 'eu-west-2'],
    ] as const)
      await new S3Client({ region, forcePathStyle: true }).send(
        new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: region } }),
      );
    for (const Bucket of ['versioned', 'copied', 'in-london'])
      await s3.send(
        new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }),
      );
    await s3.send(
      new PutBucketReplicationCommand({
        Bucket: 'copied',
        ReplicationConfiguration: {
          Role: 'arn:aws:iam::000000000000:role/copier',
          Rules: [{ Status: 'Enabled', Destination: { Bucket: 'arn:aws:s3:::in-london' } }],
        },
      }),
    );
    key = await newKey();
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await ministack.stop();
  });

  const kms = () => new KMSClient({ region: REGION });
  const newKey = async (): Promise<string> =>
    (await kms().send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? '';

  it('is taken, and says whether the bucket keeps versions', async () => {
    expect(await check(at('versioned'))).toEqual({ keepsVersions: true });
    expect(await check(at('plain'))).toEqual({ keepsVersions: false });
  });

  it('is refused without its bucket, and where the bucket is elsewhere', async () => {
    await expect(check(at('no-such-bucket'))).rejects.toMatchObject({
      code: 'object_store_unavailable',
      message: 'there is no bucket no-such-bucket for the state',
      fix: expect.stringContaining('aws s3api create-bucket --bucket no-such-bucket --region eu-central-1'),
    });
    await expect(check(at('irish'))).rejects.toMatchObject({
      code: 'config_invalid',
      message: 'the bucket irish is in eu-west-1, not in eu-central-1',
    });
    await expect(check(at('copied'))).rejects.toMatchObject({
      code: 'residency_violated',
      message: expect.stringContaining('eu-west-2 is London'),
    });
  });

  it('is refused with a key that is of others, not there, or disabled', async () => {
    const foreign = parseStatePlace(
      `s3://plain?region=${REGION}&kmsKeyId=${key.replace('000000000000', '111122223333')}`,
    );
    await expect(check(foreign)).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining('is of account 111122223333, the credentials of 000000000000'),
    });
    const gone = { ...at('plain').key, arn: key.replace(/[0-9a-f]{12}$/, '000000000000') };
    await expect(check(at('plain', { key: gone }))).rejects.toMatchObject({ code: 'key_not_found' });
    const disabled = { ...at('plain').key, arn: await newKey() };
    await kms().send(new DisableKeyCommand({ KeyId: disabled.arn }));
    await expect(check(at('plain', { key: disabled }))).rejects.toMatchObject({
      code: 'key_access_denied',
      message: 'the key that seals the state in s3://plain/one is Disabled',
    });
  });

  it('belongs to the project that came first', async () => {
    const place = at('plain');
    const bucket = stateBucket(place, process.env);
    const home = { project: ONE, state: 'home' } as const;
    expect(await claimPlace(bucket, place, home)).toEqual(home);
    expect(await claimPlace(bucket, place, { ...home, state: 'arriving' })).toEqual(home);
    await expect(claimPlace(bucket, place, { ...home, project: OTHER })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining(`has the state of project ${ONE}`),
    });
  });

  it('has its versions erased, also of what was removed', async () => {
    const place = at('versioned');
    const bucket = stateBucket(place, process.env);
    await bucket.putOnce('.pulumi/history/one/a.json', '{}');
    await bucket.remove('.pulumi/history/one/a.json');
    expect(await bucket.names('.pulumi/history/one', '')).toEqual([]);
    const [left = '', ...others] = await bucket.everBelow('.pulumi/history/one/');
    expect([left, others]).toEqual(['.pulumi/history/one/a.json', []]);
    await bucket.erase(left);
    expect(await bucket.everBelow('.pulumi/history/one/')).toEqual([]);
  });

  it('that does not answer is no place without state', async () => {
    const away = { ...process.env, AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9' };
    vi.stubEnv('AWS_ENDPOINT_URL_S3', 'http://127.0.0.1:9');
    await expect(stateBucket(at('plain'), away).read('.pulumi/meta.yaml')).rejects.toMatchObject({
      code: 'object_store_unavailable',
      message: 'the state in s3://plain/one: S3 does not answer',
    });
  });
});
