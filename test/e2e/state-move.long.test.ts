import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DisableKeyCommand, EnableKeyCommand, type KMSClient } from '@aws-sdk/client-kms';
import { GetObjectCommand, ListObjectVersionsCommand, type S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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
const TENANT = 'tenant.uno';

describe.skipIf(program === undefined)('the state of a project', () => {
  let ministack: Ministack;
  let project: CliProject;
  let s3: S3Client;
  let kms: KMSClient;
  let stateInS3: StateInS3;
  /** The tenant's stack, before anything moved. */
  let original: unknown;

  beforeAll(async () => {
    await prepareEngine();
    ministack = await startMinistack(program ?? '');
    stateInS3 = await makeStateBucket(ministack.endpoint);
    ({ s3, kms } = stateInS3);
    project = openCliProject({ env: awsEnvironment(ministack.endpoint) });
    project.manifest('uno');
    await project.deploy();
    original = await deployment();
  }, ENGINE_TIMEOUT_MS);
  afterAll(async () => {
    expect(await project.purge()).toEqual([]);
    await ministack.stop();
  });

  const place = (bucket?: string): string => stateInS3.place(bucket);
  const move = (to: string, crashAt?: string) =>
    project.run(['state', 'move', to], crashAt ? { env: { RINGFENCE_CRASH_AT: crashAt } } : {});
  const deployment = async (): Promise<unknown> => {
    const { stdout } = await project.run(['pulumi', '--', 'stack', 'export', '-s', TENANT]);
    const { resources } = (JSON.parse(stdout) as { deployment: { resources: object[] } }).deployment;
    expect(resources.length).toBeGreaterThan(3);
    return resources;
  };
  /** Every version of every object of the state. */
  const versions = async (): Promise<string[]> => {
    const Prefix = `${PREFIX}/.pulumi/`;
    const { Versions = [], DeleteMarkers = [] } = await s3.send(
      new ListObjectVersionsCommand({ Bucket: BUCKET, Prefix }),
    );
    return [...Versions, ...DeleteMarkers].map(({ Key = '' }) => Key);
  };
  const claim = async (): Promise<unknown> => {
    const Key = `${PREFIX}/ringfence-state.json`;
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
    return JSON.parse((await Body?.transformToString()) ?? '');
  };
  const local = () =>
    ['state', 'passphrase', 'state.json'].map((name) => existsSync(join(project.home, name)));
  const isUnaffected = async () =>
    expect(JSON.stringify(await project.json(['tenants', 'preview', 'uno']))).toContain('"unaffected":true');

  test('is moved by a command that a setting for elsewhere names', async () => {
    const { status, stderr } = await project.run(['tenants', 'list'], { env: { RINGFENCE_STATE: place() } });
    expect([status, stderr]).toEqual([1, expect.stringContaining(`ringfence state move '${place()}'`)]);
  });

  test('stays where it is while the other place is not as it has to be, or others are at work', async () => {
    const nowhere = await move(place('no-such-bucket'));
    expect([nowhere.status, nowhere.stderr]).toEqual([4, expect.stringContaining('aws s3api create-bucket')]);
    await kms.send(new DisableKeyCommand({ KeyId: stateInS3.key }));
    const closed = await move(place());
    expect([closed.status, closed.stderr]).toEqual([3, expect.stringContaining('aws kms enable-key')]);
    await kms.send(new EnableKeyCommand({ KeyId: stateInS3.key }));
    const worker = project.start(['worker']);
    await expect
      .poll(() => project.control('SELECT FROM control.workers WHERE control.is_at_work(id)'), {
        timeout: 600_000,
      })
      .toHaveLength(1);
    const busy = await move(place());
    expect([busy.status, busy.stderr]).toEqual([1, expect.stringContaining('end its worker')]);
    worker.kill('SIGTERM');
    await worker.result;
    expect([local(), await versions()]).toEqual([[true, true, false], []]);
    await isUnaffected();
  });

  test('comes to a bucket whole, however often the move is killed', async () => {
    for (const point of ['state-move-begun', 'state-stack-copied', 'state-copied', 'state-cleared']) {
      expect((await move(place(), point)).signal).toBe('SIGKILL');
      const meanwhile = await project.run(['tenants', 'apply', 'uno', '--yes']);
      expect([point, meanwhile.status, meanwhile.stderr]).toEqual([
        point,
        1,
        expect.stringContaining(`go on with it: ringfence state move '${place()}'`),
      ]);
    }
    expect(await project.json(['state', 'move', place()])).toMatchObject({ outcome: 'moved', stacks: 2 });
    expect(local()).toEqual([false, false, true]);
    expect(await claim()).toMatchObject({ state: 'home' });
    expect(await deployment()).toEqual(original);
    await isUnaffected();
    project.manifest('uno', { legalName: 'Otra' });
    await project.json(['tenants', 'apply', 'uno', '--yes']);
    original = await deployment();
    expect(await project.json(['state', 'move', place()])).toMatchObject({ outcome: 'unchanged' });
  });

  test('goes back into the folder, once after it was given up, and leaves no version behind', async () => {
    expect((await move('folder', 'state-stack-copied')).signal).toBe('SIGKILL');
    expect(await claim()).toMatchObject({ state: 'left' });
    expect(await project.json(['state', 'move', place()])).toMatchObject({ outcome: 'given-up' });
    expect([local(), await claim()]).toEqual([
      [false, false, true],
      expect.objectContaining({ state: 'home' }),
    ]);
    await isUnaffected();

    expect(await project.json(['state', 'move', 'folder'])).toMatchObject({ outcome: 'moved', stacks: 2 });
    expect([local(), await versions()]).toEqual([[true, true, false], []]);
    expect(await deployment()).toEqual(original);
    await isUnaffected();
    project.manifest('uno', { legalName: 'Una' });
    await project.json(['tenants', 'apply', 'uno', '--yes']);
    // One salt for all stacks, as before.
    const salt = readFileSync(join(project.home, 'workspace', 'encryption-salt'), 'utf8');
    const checkpoint = join(project.home, 'state', '.pulumi', 'stacks', 'ringfence', `${TENANT}.json`);
    expect(readFileSync(checkpoint, 'utf8')).toContain(salt);
    // A folder on another machine that is at home in the bucket still is told.
    expect(await claim()).toMatchObject({ state: 'left', to: join(project.home, 'state') });
  });
});
