import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DisableKeyCommand, EnableKeyCommand, type KMSClient } from '@aws-sdk/client-kms';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { STATE } from '../../stacks/programs/aws/permissions/state.js';
import { type Recorder, startRecorder } from '../support/aws/recorder.js';
import {
  awsEnvironment,
  BUCKET,
  makeStateBucket,
  PREFIX,
  type StateInS3,
} from '../support/aws/state-bucket.js';
import { type CliProject, ENGINE_TIMEOUT_MS, openCliProject, prepareEngine } from '../support/cli.js';
import { findMinistack, type Ministack, startMinistack } from '../support/ministack.js';

const program = await findMinistack();
const SECRET = 'a secret that only the key opens';
/** Until the engine of a command has begun. */
const PATIENCE_MS = 1_200_000;

describe.skipIf(program === undefined)('a project whose state is in S3', () => {
  let ministack: Ministack;
  /** Of all that the commands and their engines call. */
  let asked: Recorder;
  let project: CliProject;
  let s3: S3Client;
  let kms: KMSClient;
  let stateInS3: StateInS3;

  beforeAll(async () => {
    await prepareEngine();
    ministack = await startMinistack(program ?? '');
    asked = await startRecorder(ministack.endpoint);
    stateInS3 = await makeStateBucket(ministack.endpoint);
    ({ s3, kms } = stateInS3);
    // Without the setting: the project remembers it.
    project = openCliProject({ env: awsEnvironment(asked.endpoint) });
    for (const slug of ['uno', 'dos']) project.manifest(slug);
  }, ENGINE_TIMEOUT_MS);
  afterAll(async () => {
    expect(await project.purge()).toEqual([]);
    // Nothing of the project is there any more.
    expect(await objects('')).toEqual([]);
    const named = new Set([...STATE.flatMap(({ calls }) => calls), 'sts:GetCallerIdentity']);
    expect([...asked.calls].filter((call) => !named.has(call))).toEqual([]);
    await asked.stop();
    await ministack.stop();
  });

  const state = (): string => stateInS3.place();
  const objects = async (below: string): Promise<string[]> => {
    const Prefix = `${PREFIX}/${below}`;
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix }));
    return Contents.map(({ Key = '' }) => Key.slice(PREFIX.length + 1));
  };
  const locks = (stack: string) => objects(`.pulumi/locks/organization/ringfence/${stack}/`);
  const textOf = async (path: string): Promise<string> => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: `${PREFIX}/${path}` }));
    return (await Body?.transformToString()) ?? '';
  };

  test('begins nothing while its key is disabled', async () => {
    await kms.send(new DisableKeyCommand({ KeyId: stateInS3.key }));
    const closed = await project.run(['tenants', 'add', 'uno', '--yes'], {
      env: { RINGFENCE_STATE: state() },
    });
    expect([closed.status, closed.stderr]).toEqual([3, expect.stringContaining('aws kms enable-key')]);
    expect([project.servers(), await objects('')]).toEqual([[], []]);
    await kms.send(new EnableKeyCommand({ KeyId: stateInS3.key }));
  });

  test('a tenant is onboarded, and nothing of the state is on this machine', async () => {
    await project.json(['tenants', 'add', 'uno', '--yes'], { env: { RINGFENCE_STATE: state() } });
    expect(await objects('.pulumi/stacks/')).toEqual(
      expect.arrayContaining([
        '.pulumi/stacks/ringfence/cell.shared-eu-central-1.json',
        '.pulumi/stacks/ringfence/tenant.uno.json',
      ]),
    );
    for (const name of ['state', 'passphrase', 'workspace/encryption-salt'])
      expect([name, existsSync(join(project.home, name))]).toEqual([name, false]);
  });

  test('is remembered, and another place is refused with what to do', async () => {
    const preview = await project.json(['tenants', 'preview', 'uno']);
    expect(JSON.stringify(preview)).toContain('"unaffected":true');
    const other = state().replace(`/${PREFIX}?`, '/two?');
    const { status, stderr } = await project.run(['tenants', 'list'], { env: { RINGFENCE_STATE: other } });
    expect([status, stderr]).toEqual([1, expect.stringContaining('the state of this project is in s3://')]);
  });

  test('is what plain pulumi works on; its secrets are sealed by the key alone', async () => {
    const pulumi = (...args: string[]) => project.run(['pulumi', '--', ...args]);
    expect((await pulumi('stack', 'ls')).stdout).toContain('tenant.uno');
    const stack = ['-s', 'tenant.uno', '--non-interactive'];
    expect(await pulumi('config', 'set', '--secret', 'probe', SECRET, ...stack)).toMatchObject({ status: 0 });
    expect((await pulumi('preview', ...stack)).status).toBe(0);
    expect((await pulumi('config', 'get', 'probe', ...stack)).stdout).toContain(SECRET);
    expect(await textOf('.pulumi/stacks/ringfence/tenant.uno.json')).not.toContain(SECRET);

    await kms.send(new DisableKeyCommand({ KeyId: stateInS3.key }));
    const closed = await pulumi('config', 'get', 'probe', ...stack);
    expect([closed.status === 0, closed.stdout]).toEqual([false, expect.not.stringContaining(SECRET)]);
    project.manifest('uno', { legalName: 'Otra' });
    expect(await project.run(['tenants', 'apply', 'uno', '--yes'])).toMatchObject({
      status: 3,
      stderr: expect.stringContaining('the key that seals the state is disabled'),
    });
    await kms.send(new EnableKeyCommand({ KeyId: stateInS3.key }));
    await project.json(['tenants', 'apply', 'uno', '--yes']);
  });

  test('takes up a run that was killed, with its lock', async () => {
    const killed = project.start(['tenants', 'add', 'dos', '--yes']);
    await expect.poll(() => locks('tenant.dos'), { interval: 20, timeout: PATIENCE_MS }).not.toEqual([]);
    killed.killGroup('SIGKILL');
    expect((await killed.result).signal).toBe('SIGKILL');
    expect(await locks('tenant.dos')).not.toEqual([]);
    await project.json(['tenants', 'apply', 'dos', '--yes']);
    expect(await locks('tenant.dos')).toEqual([]);
  });

  test('leaves the lock of another machine alone', async () => {
    const lock = `${PREFIX}/.pulumi/locks/organization/ringfence/tenant.uno/held.json`;
    const Body = JSON.stringify({ pid: 1, username: 'ops', hostname: `not-${hostname()}` });
    await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: lock, Body }));
    project.manifest('uno', { legalName: 'Una' });
    expect(await project.run(['tenants', 'apply', 'uno', '--yes'])).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/\[conflict\] stack tenant.uno is being deployed by another run/),
    });
    // Taken up again, it is not given back either: nobody here can tell whether that engine still runs.
    expect(await project.run(['tenants', 'apply', 'uno', '--yes'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(`an engine on not-${hostname()} works on stack tenant.uno`),
    });
    expect(await locks('tenant.uno')).toHaveLength(1);
    await s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: lock }));
  });

  test('that does not answer is no project without a state', async () => {
    const away = await project.run(['tenants', 'apply', 'uno', '--yes'], {
      env: { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9' },
    });
    expect([away.status, away.stderr]).toEqual([4, expect.stringContaining('S3 does not answer')]);
    await project.json(['tenants', 'apply', 'uno', '--yes']);
  });

  test('keeps nothing of a tenant that is erased, in no version', async () => {
    await project.json([
      'tenants',
      'erase',
      'dos',
      '--reason',
      'asked',
      '--wait-days',
      '0',
      '--confirm',
      'dos',
    ]);
    const { Versions = [], DeleteMarkers = [] } = await s3.send(
      new ListObjectVersionsCommand({ Bucket: BUCKET, Prefix: `${PREFIX}/` }),
    );
    const left = [...Versions, ...DeleteMarkers].filter(({ Key }) => Key?.includes('tenant.dos'));
    expect(left).toEqual([]);
    await project.json(['tenants', 'remove', 'uno', '--confirm', 'uno']);
    // The engine keeps a copy beside it.
    expect(await objects('.pulumi/stacks/ringfence/tenant.')).toEqual([
      '.pulumi/stacks/ringfence/tenant.uno.json.bak',
    ]);
  });
});
