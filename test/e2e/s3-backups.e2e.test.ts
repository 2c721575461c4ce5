import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CreateBucketCommand, ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliProject, ENGINE_TIMEOUT_MS, openCliProject, prepareEngine } from '../support/cli.js';
import { findMinistack, type Ministack, startMinistack } from '../support/ministack.js';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
const SLUG = 'con-s3';
const CELL = 'shared-eu-central-1';
const program = await findMinistack();
const ROWS = 'SELECT count(*)::int AS n FROM clinical.invoice_lines';

describe.skipIf(program === undefined)('Backups in S3', () => {
  let project: CliProject;
  let aws: Ministack;
  let client: S3Client;
  let s3: Record<string, string>;

  const keysIn = async (Bucket: string): Promise<string[]> => {
    const { Versions = [] } = await client.send(new ListObjectVersionsCommand({ Bucket }));
    return Versions.map(({ Key = '' }) => Key);
  };
  const rows = async (): Promise<number | undefined> => (await project.cell<{ n: number }>(CELL, ROWS))[0]?.n;
  const doctorOf = async (env: Record<string, string>) => {
    const { stdout } = await project.run(['doctor', '--json'], { env });
    const { checks } = JSON.parse(stdout) as { checks: { name: string; status: string; detail: string }[] };
    return checks.find(({ name }) => name === 'objects');
  };

  beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);
  beforeAll(async () => {
    aws = await startMinistack(program ?? '');
    const keys = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_REGION: 'eu-central-1' };
    s3 = { ...keys, AWS_ENDPOINT_URL_S3: aws.endpoint, RINGFENCE_OBJECTS: 's3://clinics/ringfence' };
    client = new S3Client({
      endpoint: aws.endpoint,
      region: 'eu-central-1',
      forcePathStyle: true,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    await client.send(new CreateBucketCommand({ Bucket: 'clinics', ObjectLockEnabledForBucket: true }));
    project = openCliProject();
    project.manifest(SLUG);
    await project.deploy({ env: s3 });
    expect((await project.run(['demo', 'load', SLUG, '--patients', '20'])).status).toBe(0);
  });
  afterAll(async () => {
    client.destroy();
    await aws.stop();
    expect(await project.purge()).toEqual([]);
  });

  it('are taken, verified and restored, and nothing lies in the project', async () => {
    const { id } = await project.json<{ id: string }>(['backups', 'run', SLUG], { env: s3 });
    expect(await keysIn('clinics')).toContainEqual(
      expect.stringMatching(new RegExp(`^ringfence/${CELL}/[0-9a-f-]{36}/${id}\\.backup$`)),
    );
    expect(existsSync(join(project.home, 'objects'))).toBe(false);
    const before = await rows();
    await project.cell(CELL, 'DELETE FROM clinical.invoice_lines');
    const restore = ['backups', 'restore', SLUG, '--table', 'clinical.invoice_lines', '-y'];
    // The backup's record says where it lies, so the setting is for new ones only.
    expect((await project.run(restore, { env: { ...s3, RINGFENCE_OBJECTS: '' } })).status).toBe(0);
    expect(await rows()).toBe(before);
    expect(await doctorOf(s3)).toMatchObject({
      status: 'ok',
      detail: 'backups go to s3://clinics/ringfence; an object was put, read and removed',
    });
  });

  it('fail clearly while the store is away, and nothing is lost', async () => {
    const away = { ...s3, AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9' };
    const before = await rows();
    for (const args of [['run'], ['verify'], ['restore', '-y']]) {
      const { status, stderr } = await project.run(
        ['backups', args[0] ?? '', SLUG, ...args.slice(1), '--json'],
        { env: away },
      );
      expect(stderr).toContain('object_store_unavailable');
      expect(status).toBe(4);
    }
    expect(await doctorOf(away)).toMatchObject({
      status: 'fail',
      detail: expect.stringMatching(/does not answer/),
    });
    expect(await rows()).toBe(before);
    expect((await project.run(['backups', 'verify', SLUG], { env: s3 })).status).toBe(0);
  });

  it('cannot be removed while they are locked: pruning leaves them, and says nothing else is wrong', async () => {
    const locked = { ...s3, RINGFENCE_OBJECTS: 's3://clinics/locked?lockDays=1' };
    const { id } = await project.json<{ id: string }>(['backups', 'run', SLUG], { env: locked });
    await project.control("UPDATE control.backups SET state = 'running' WHERE id = $1", [id]);
    expect((await project.run(['backups', 'run', SLUG], { env: locked })).status).toBe(0);
    expect((await project.run(['backups', 'prune', SLUG, '-y'], { env: locked })).status).toBe(0);
    expect(await keysIn('clinics')).toContainEqual(expect.stringContaining(`${id}.backup`));
    const [record] = await project.control('SELECT state, removed_at FROM control.backups WHERE id = $1', [
      id,
    ]);
    expect(record).toEqual({ state: 'expired', removed_at: null });
  });

  it('refuse a setting that breaks the erasure promise before anything runs', async () => {
    const env = { ...s3, RINGFENCE_OBJECTS: 's3://clinics/x?lockDays=365' };
    const { status, stderr } = await project.run(['backups', 'run', SLUG], { env });
    expect(status).toBe(2);
    expect(stderr).toContain('lockDays is at most 28');
  });

  it('of an erased tenant go, in all versions, but for locked ones, which nobody can read and which the erasure waits for', async () => {
    // The control database's own are not the tenant's.
    const ofTenants = async () => (await keysIn('clinics')).filter((key) => !key.includes('/control/'));
    const kept = (await ofTenants()).filter((key) => /^locked\/.*\.backup$/.test(key));
    expect(kept.length).toBeGreaterThan(0);
    const erase = ['tenants', 'erase', SLUG, '--reason', 'cierra', '--wait-days', '0', '--confirm', SLUG];
    const { status, stderr } = await project.run(erase, { env: s3 });
    expect([status, stderr]).toEqual([
      5,
      expect.stringMatching(/object_locked.* is locked .*cannot be deleted until/),
    ]);
    expect(await ofTenants()).toEqual(kept);
    expect(await rows()).toBe(0);
    expect(await project.control('SELECT FROM control.tenant_keys WHERE wrapped IS NOT NULL')).toEqual([]);
    expect(await project.json(['erasures', 'list'])).toMatchObject([{ slug: SLUG, state: 'running' }]);
  });
});
