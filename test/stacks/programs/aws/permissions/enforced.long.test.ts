import { randomBytes } from 'node:crypto';
import { CreateAliasCommand, CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateDBInstanceCommand, RDSClient } from '@aws-sdk/client-rds';
import { CreateBucketCommand, PutObjectLockConfigurationCommand, S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AWS_ROLES, type AwsRole } from '../../../../../core/aws-roles.js';
import { awsKms } from '../../../../../data-plane/keys/aws-kms.js';
import { awsNames, bucketName } from '../../../../../stacks/programs/aws/names.js';
import { APPLICATION } from '../../../../../stacks/programs/aws/permissions/application.js';
import type { Permission } from '../../../../../stacks/programs/aws/permissions/permission.js';
import { RESTORER } from '../../../../../stacks/programs/aws/permissions/restorer.js';
import { actionsOf, policyFor } from '../../../../../stacks/programs/aws/permissions/roles.js';
import { WORKER } from '../../../../../stacks/programs/aws/permissions/worker.js';
import { openRds, type Rds } from '../../../../../targets/aws/rds/api.js';
import { s3Store } from '../../../../../targets/aws/s3/store.js';
import { bucketWhereabouts } from '../../../../../targets/aws/s3/whereabouts.js';
import { isRefused } from '../../../../support/aws/ask.js';
import { EVERYTHING } from '../../../../support/aws/cell-inputs.js';
import { type EnforcedIam, startEnforcedIam, type UserKeys } from '../../../../support/aws/enforced-iam.js';
import { type Recorder, startRecorder } from '../../../../support/aws/recorder.js';
import { findMoto } from '../../../../support/rds/moto.js';
import { forbiddenCalls } from './forbidden.js';

const program = await findMoto();
const { cell, account, region } = EVERYTHING;
const BUCKET = bucketName(cell, account, region);
const INSTANCE = awsNames(cell).instance;
const CONTEXT = { tenant: '00000000-0000-4000-8000-000000000001', version: '1' };
const callsOf = (permissions: readonly Permission[]): Set<string> =>
  new Set(permissions.flatMap(({ calls }) => calls));

/** How moto is asked for an action of S3, where it knows its name; it takes the others for a list or for the making of a bucket. */
const S3_REQUESTS: Readonly<Record<string, string>> = {
  's3:ListBucket': `GET /${BUCKET}`,
  's3:GetBucketLocation': `GET /${BUCKET}?location`,
  's3:GetLifecycleConfiguration': `GET /${BUCKET}?lifecycle`,
  's3:GetBucketVersioning': `GET /${BUCKET}?versioning`,
  's3:GetBucketPolicy': `GET /${BUCKET}?policy`,
  's3:GetBucketWebsite': `GET /${BUCKET}?website`,
  's3:GetBucketAcl': `GET /${BUCKET}?acl`,
  's3:GetBucketTagging': `GET /${BUCKET}?tagging`,
  's3:GetBucketLogging': `GET /${BUCKET}?logging`,
  's3:GetBucketCORS': `GET /${BUCKET}?cors`,
  's3:GetAccelerateConfiguration': `GET /${BUCKET}?accelerate`,
  's3:PutBucketVersioning': `PUT /${BUCKET}?versioning`,
  's3:PutBucketPolicy': `PUT /${BUCKET}?policy`,
  's3:PutBucketTagging': `PUT /${BUCKET}?tagging`,
};

describe.skipIf(program === undefined)('Policies of a cell, under the IAM of moto', () => {
  let iam: EnforcedIam;
  let keys: Record<AwsRole | 'administrator' | 'nobody', UserKeys>;

  const clientsOf = (user: UserKeys, endpoint: string) => {
    const settings = { region, endpoint, credentials: user, maxAttempts: 1 };
    const s3 = new S3Client({ ...settings, forcePathStyle: true });
    const rds = openRds({
      rds: async () => new RDSClient(settings),
      secrets: async () => new SecretsManagerClient(settings),
    });
    return { s3, rds, kms: awsKms(new KMSClient(settings)) };
  };

  beforeAll(async () => {
    iam = await startEnforcedIam(program ?? '');
    const { endpoint } = iam;
    await iam.asRoot(async (credentials) => {
      const settings = { region, endpoint, credentials };
      const kms = new KMSClient(settings);
      const { KeyMetadata: key } = await kms.send(new CreateKeyCommand({}));
      const alias = { AliasName: awsNames(cell).tenantKey, TargetKeyId: key?.KeyId };
      await kms.send(new CreateAliasCommand(alias));
      const s3 = new S3Client({ ...settings, forcePathStyle: true });
      const at = { LocationConstraint: region as 'eu-west-1' };
      const made = { Bucket: BUCKET, ObjectLockEnabledForBucket: true, CreateBucketConfiguration: at };
      await s3.send(new CreateBucketCommand(made));
      const lock = { ObjectLockEnabled: 'Enabled' as const };
      await s3.send(new PutObjectLockConfigurationCommand({ Bucket: BUCKET, ObjectLockConfiguration: lock }));
      await new RDSClient(settings).send(
        new CreateDBInstanceCommand({
          DBInstanceIdentifier: INSTANCE,
          Engine: 'postgres',
          DBInstanceClass: 'db.t4g.medium',
          AllocatedStorage: 20,
          MasterUsername: 'ringfence_master',
          ManageMasterUserPassword: true,
        }),
      );
    });
    const of = (role: AwsRole) => policyFor(role, EVERYTHING);
    keys = {
      deployer: await iam.user('deployer', of('deployer')),
      worker: await iam.user('worker', of('worker')),
      // Who restores to a moment has it on top of the worker's.
      restorer: await iam.user('restorer', of('worker'), of('restorer')),
      application: await iam.user('application', of('application')),
      administrator: await iam.user('administrator', [{ Effect: 'Allow', Action: '*', Resource: '*' }]),
      nobody: await iam.user('nobody', [{ Effect: 'Allow', Action: 'sts:GetSessionToken', Resource: '*' }]),
    };
  });
  afterAll(() => iam.stop());

  const recorded = async (work: (recorder: Recorder) => Promise<void>) => {
    const recorder = await startRecorder(iam.endpoint);
    try {
      await work(recorder);
      return recorder.calls;
    } finally {
      await recorder.stop();
    }
  };

  test('the worker’s is enough for what its clients do, and they make each of its calls', async () => {
    const calls = await recorded(async ({ endpoint }) => {
      const { kms, s3, rds } = clientsOf(keys.worker, endpoint);
      const root = await kms.ensureRoot(cell, { mayCreate: false });
      const wrapped = await kms.wrap(root, randomBytes(32), CONTEXT);
      await kms.unwrap(root, wrapped, CONTEXT);
      await useStore(s3);
      expect(await bucketWhereabouts(s3, BUCKET, '')).toMatchObject([{ region }, { answer: 'none' }]);
      await lookAt(rds);
    });
    expect(calls).toEqual(callsOf(WORKER));
  });

  test('the restorer’s is enough for a copy as of a moment', async () => {
    const calls = await recorded(async ({ endpoint }) => {
      const { rds } = clientsOf(keys.restorer, endpoint);
      const name = `${INSTANCE}-ringfence-restore`;
      await rds.restore(await rds.get(INSTANCE), name, new Date(), { 'ringfence:copy-of': INSTANCE });
      await rds.setPassword(await rds.get(name), 'a-password-of-a-copy');
      expect(await rds.remove(name)).toBe(true);
    });
    expect(calls).toEqual(callsOf(RESTORER));
  });

  test('the application’s opens keys, and wraps none', async () => {
    const worker = clientsOf(keys.worker, iam.endpoint).kms;
    const root = await worker.ensureRoot(cell, { mayCreate: false });
    const wrapped = await worker.wrap(root, randomBytes(32), CONTEXT);
    const calls = await recorded(async ({ endpoint }) => {
      const { kms } = clientsOf(keys.application, endpoint);
      expect(await kms.unwrap(root, wrapped, CONTEXT)).toHaveLength(32);
    });
    expect(calls).toEqual(callsOf(APPLICATION));
    await expect(
      clientsOf(keys.application, iam.endpoint).kms.wrap(root, randomBytes(32), CONTEXT),
    ).rejects.toMatchObject({ cause: { $metadata: { httpStatusCode: 403 } } });
  });

  test('each action of the deployer is allowed to it, and to nobody without its policy', async () => {
    // Moto asks its IAM about no call of CloudWatch, and giving a role away is no call.
    const actions = [...new Set(actionsOf('deployer').map(({ action }) => action))].filter(
      (action) => !action.startsWith('cloudwatch:') && action !== 'iam:PassRole',
    );
    const asked = actions.flatMap((action) =>
      action.startsWith('s3:') ? (S3_REQUESTS[action] ? `s3:${S3_REQUESTS[action]}` : []) : action,
    );
    expect(asked.length).toBeGreaterThan(90);
    const answers = async (user: UserKeys): Promise<string[]> => {
      const refused: string[] = [];
      for (const call of asked) if (await isRefused(iam.endpoint, user, { call })) refused.push(call);
      return refused;
    };
    expect(await answers(keys.deployer)).toEqual([]);
    expect(await answers(keys.nobody)).toEqual(asked);
  });

  test.each(AWS_ROLES)('more than thirty calls are refused to the %s', async (role) => {
    const forbidden = forbiddenCalls(BUCKET).filter(({ to = AWS_ROLES }) => to.includes(role));
    expect(forbidden.length).toBeGreaterThan(30);
    const allowed: string[] = [];
    for (const call of forbidden)
      if (!(await isRefused(iam.endpoint, keys[role], call))) allowed.push(call.call);
    expect(allowed).toEqual([]);
  });

  test('none of them is refused to an administrator: it is the policies that do it', async () => {
    const refused: string[] = [];
    // A role that is not there is refused to everybody, and what would end the bucket ends the test.
    for (const call of forbiddenCalls(BUCKET))
      if (!/^sts:|^s3:DELETE/.test(call.call) && (await isRefused(iam.endpoint, keys.administrator, call)))
        refused.push(call.call);
    expect(refused).toEqual([]);
  });
});

/** All that the object store does: small and large, locked, listed, deleted, broken off. */
const useStore = async (client: S3Client): Promise<void> => {
  const partBytes = 5 * 1024 ** 2;
  // Moto verifies no signature of a query with an encoded character, as the slash after a prefix is.
  const place = { bucket: BUCKET, prefix: '' };
  const store = s3Store(place, { client: async () => client, partBytes });
  await store.check();
  await store.put('small', from(Buffer.from('small')));
  await store.put('large', from(Buffer.alloc(partBytes + 1)));
  await expect(
    store.put('broken', from(Buffer.alloc(partBytes + 1), new Error('broken off'))),
  ).rejects.toThrow('broken off');
  await store.put('locked', from(Buffer.from('locked')), { retainDays: 1 });
  expect(await store.stat('small')).toMatchObject({ bytes: 5 });
  for await (const _ of await store.get('small'));
  const listed: string[] = [];
  for await (const { key } of store.list('')) listed.push(key);
  expect(listed).toEqual(['large', 'locked', 'small']);
  await store.delete('small');
  await expect(store.delete('locked')).rejects.toMatchObject({ code: 'object_locked' });
};

const from = async function* (content: Buffer, end?: Error): AsyncGenerator<Uint8Array> {
  yield content;
  if (end) throw end;
};

/** Moto does not know each of these, and refuses none. */
const lookAt = async (rds: Rds): Promise<void> => {
  const instance = await rds.get(INSTANCE);
  expect(await rds.managedPassword(instance.secretArn ?? '')).not.toBe('');
  for (const look of [rds.automatedBackups, rds.snapshots, rds.restorableFrom]) {
    const refused = await look(instance).then(
      () => undefined,
      (error: { code: string }) => error.code,
    );
    expect(refused).not.toBe('permission_denied');
  }
};
