import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { recordDeployment } from '../../../control-plane/deployments/record-deployment.js';
import { objectStores } from '../../../control-plane/project/object-stores.js';
import { openProject, stateDir } from '../../../control-plane/project/project.js';
import { openState, stateAt } from '../../../control-plane/project/state/open-state.js';
import { residencyOf } from '../../../control-plane/residency/tenant-residency.js';
import { residencyView } from '../../../control-plane/residency/views.js';
import type { Runtime } from '../../../control-plane/runtime.js';
import { openTargets } from '../../../control-plane/targets/targets.js';
import { SERVER_PARTS, type Whereabouts } from '../../../core/whereabouts.js';
import { parseTenant, type TenantInput } from '../../../manifest/index.js';
import { parseStatePlace, type StatePlace } from '../../../targets/aws/state/place.js';
import type { CellHost } from '../../../targets/target.js';
import { useDatabase } from '../../support/cell-database.js';
import { smallTenant } from '../../support/cli.js';
import { findMinistack, type Ministack, startMinistack } from '../../support/ministack.js';
import { registered } from '../registry.js';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
const program = await findMinistack();
const control = useDatabase('control');
const cellDatabase = useDatabase();
const root = mkdtempSync(join(tmpdir(), 'ringfence-residency-'));
const project = openProject(root);
afterAll(() => rmSync(root, { recursive: true }));

const inside =
  (region: string): CellHost['whereabouts'] =>
  async (part) => [{ what: part, answer: 'region', region, evidence: 'said' }];
/** Servers of cells, as their provider sees them. */
const servers = new Map<string, Pick<CellHost, 'state' | 'whereabouts' | 'adminConnection'>>();
const server = (name: string, whereabouts: CellHost['whereabouts'], state = 'stopped' as const) =>
  servers.set(name, {
    state: async () => state,
    whereabouts,
    adminConnection: async () => cellDatabase.connection,
  });

const runtimeWith = (env: NodeJS.ProcessEnv = {}, now = new Date()): Runtime => {
  const objects = objectStores(project, env);
  const target = openTargets({
    caller: { who: 'test', door: 'cli', correlationId: '' },
    project,
    control: control.admin,
    env,
    objects,
    reached: () => undefined,
    onProgress: () => undefined,
  });
  return {
    project,
    state: openState(project, {}),
    control: control.admin,
    caller: { who: 'ana', door: 'cli', correlationId: randomUUID() },
    target: {
      ...target,
      server: async (name: string) => servers.get(name),
      history: async () => ({ keptDays: async (days: number) => days }),
    },
    now: () => now,
  } as unknown as Runtime;
};

let slug = '';
let tenantId = '';
const enrol = async (manifest: Partial<TenantInput> = {}): Promise<void> => {
  slug = `t-${randomUUID().slice(0, 8)}`;
  ({ id: tenantId } = await registered(control.admin, slug, { manifest }));
  await recordDeployment(
    runtimeWith(),
    { tenantId },
    { inputs: parseTenant(smallTenant(slug, manifest)), inputsHash: 'x' },
    async (deployment) => {
      await deployment.applied();
      return { result: undefined, checkpointHash: 'x' };
    },
  );
};
const page = async (runtime = runtimeWith()) => {
  const residency = await residencyOf(runtime, slug);
  residencyView.parse(residency);
  const of = (...parts: string[]) =>
    residency.rows
      .filter(({ part }) => parts.includes(part))
      .map(({ cell, region, declared, verdict }) => ({ cell, region, declared, verdict }));
  return { ...residency, of };
};
const backupIn = (cell: string, place: string) =>
  control.admin.query(
    `INSERT INTO control.backups (id, tenant_id, cell, key_version, place, object_key, state) VALUES ($1, $2, $3, 1, $4, $5, 'verified')`,
    [randomUUID(), tenantId, cell, place, `${tenantId}/x.backup`],
  );
const wrapUnder = (version: number, rootKeyId: string) =>
  control.admin.query(
    `INSERT INTO control.tenant_keys (tenant_id, version, root_key_id, wrapped) VALUES ($1, $2, $3, '\\x00')`,
    [tenantId, version, rootKeyId],
  );
const furtherCell = (name: string, region: string, rootKeyId: string | null = null) =>
  control.admin.query(
    `INSERT INTO control.cells (name, tier, region, target, root_key_id) VALUES ($1, 'shared', $2, 'local', $3)
       ON CONFLICT (name) DO UPDATE SET root_key_id = excluded.root_key_id`,
    [name, region, rootKeyId],
  );

beforeEach(async () => {
  servers.clear();
  server('one', inside('eu-central-1'));
  await control.admin.query('TRUNCATE control.cells CASCADE');
  await enrol();
});

describe('The residency of a tenant', () => {
  it('is told of each part of its server by the server’s provider, and its database is asked for in its region', async () => {
    const { of, asked } = await page();
    expect(asked).toEqual({ residency: 'eu', region: 'eu-central-1' });
    const row = { cell: 'one', region: 'eu-central-1', declared: 'eu-central-1', verdict: 'inside' };
    expect(of(...SERVER_PARTS)).toEqual([row, row, row, row]);
    server('one', inside('eu-west-1'));
    const moved = await page();
    expect(moved.of('database')).toEqual([{ ...row, region: 'eu-west-1', verdict: 'outside' }]);
    expect(moved.of('history')).toEqual([{ ...row, region: 'eu-west-1', verdict: 'inside' }]);
    expect(moved.outcome).toBe('violated');
  });

  it('is not proven by a label, by silence, or by a machine that does not know its place', async () => {
    server(
      'one',
      async (part): Promise<Whereabouts[]> => [{ what: part, answer: 'unknown', evidence: 'silence' }],
    );
    const { of, outcome } = await page();
    expect(of('database')).toEqual([
      { cell: 'one', region: null, declared: 'eu-central-1', verdict: 'cannot-tell' },
    ]);
    expect(outcome).toBe('unproven');
  });

  it('is violated by a label that says outside, when nobody says better', async () => {
    await control.admin.query(`UPDATE control.cells SET region = 'us-east-1'`);
    server(
      'one',
      async (part): Promise<Whereabouts[]> => [{ what: part, answer: 'here', evidence: 'a folder' }],
    );
    expect((await page()).of('logs')).toEqual([
      { cell: 'one', region: null, declared: 'us-east-1', verdict: 'outside' },
    ]);
  });

  it('counts every root key that opens its key: one of another region is outside, one that nobody holds cannot be told', async () => {
    await furtherCell('far', 'us-east-1', 'local/far/11111111-1111-4111-8111-111111111111');
    await wrapUnder(1, 'local/far/11111111-1111-4111-8111-111111111111');
    await wrapUnder(2, 'arn:aws:kms:us-east-1:123456789012:key/1');
    await wrapUnder(3, 'arn:aws:kms:eu-west-1:123456789012:key/2');
    const { of } = await page();
    expect(of('keys')).toEqual([
      { cell: 'far', region: null, declared: 'us-east-1', verdict: 'outside' },
      { cell: null, region: null, declared: 'us-east-1', verdict: 'outside' },
      // It is ours to write down, and no proof.
      { cell: null, region: null, declared: 'eu-west-1', verdict: 'cannot-tell' },
    ]);
  });

  it('counts a cell that it left until the history there has forgotten it, and one that has rows of it in any case', async () => {
    await furtherCell('old', 'us-east-1');
    await furtherCell('stray', 'us-east-1');
    server('old', inside('us-east-1'));
    server('stray', inside('us-east-1'));
    const cells = async (runtime?: Runtime) => (await page(runtime)).of('history').map(({ cell }) => cell);
    expect(await cells()).toEqual(['one']);
    await control.admin.query(
      `INSERT INTO control.placements (tenant_id, cell, epoch, state) VALUES ($1, 'old', 2, 'left')`,
      [tenantId],
    );
    expect(await cells()).toEqual(['old', 'one']);
    // Nobody can look into it, so it counts after that time too.
    const later = runtimeWith({}, new Date(Date.now() + 60 * 86_400_000));
    expect(await cells(later)).toEqual(['old', 'one']);
    servers.set('old', { ...servers.get('old'), state: async () => 'running' } as CellHost);
    expect(await cells(later)).toEqual(['one']);
    await cellDatabase.admin.query(
      `INSERT INTO ringfence.tenants (id, slug, state) VALUES ($1, $2, 'suspended')`,
      [tenantId, slug],
    );
    servers.set('stray', { ...servers.get('stray'), state: async () => 'running' } as CellHost);
    expect(await cells(later)).toEqual(['old', 'one', 'stray']);
  });

  it('names what there is not only after it looked', async () => {
    expect((await page()).of('edge')).toMatchObject([{ verdict: 'none' }]);
    expect((await page()).of('keys')).toMatchObject([{ verdict: 'none' }]);
    const stacks = join(stateDir(project), '.pulumi', 'stacks', 'ringfence');
    mkdirSync(stacks, { recursive: true });
    writeFileSync(join(stacks, 'edge.clinics.json'), '{}');
    expect((await page()).of('edge')).toMatchObject([{ verdict: 'cannot-tell' }]);
    rmSync(stacks, { recursive: true });
    expect(
      (await page()).of('backups', 'key-copies', 'control-backups').map(({ verdict }) => verdict),
    ).toEqual(Array(3).fill('none'));
  });

  it('is refused where nobody wrote down what was asked', async () => {
    await control.admin.query('DELETE FROM control.deployments');
    await expect(page()).rejects.toMatchObject({ code: 'deployment_not_found', fix: expect.any(String) });
    await expect(residencyOf(runtimeWith(), 'nobody')).rejects.toMatchObject({ code: 'tenant_not_found' });
  });
});

describe.skipIf(program === undefined)('Objects of a tenant', () => {
  let aws: Ministack;
  const env = (): NodeJS.ProcessEnv => ({
    AWS_ENDPOINT_URL_S3: aws.endpoint,
    RINGFENCE_OBJECTS: 's3://clinics-eu',
  });
  const clientIn = (region: string): S3Client =>
    new S3Client({
      endpoint: aws.endpoint,
      region,
      forcePathStyle: true,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
  const put = (region: string, Bucket: string, Key: string) =>
    clientIn(region).send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));

  beforeAll(async () => {
    aws = await startMinistack(program ?? '');
    for (const [name, value] of Object.entries({
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: 'eu-central-1',
      AWS_ENDPOINT_URL_S3: aws.endpoint,
    }))
      vi.stubEnv(name, value);
    await clientIn('eu-central-1').send(new CreateBucketCommand({ Bucket: 'clinics-eu' }));
    await clientIn('us-east-1').send(new CreateBucketCommand({ Bucket: 'clinics-us' }));
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await aws.stop();
  });

  it('are where the bucket is, also those without a record', async () => {
    await put('eu-central-1', 'clinics-eu', `one/${tenantId}/unrecorded.backup`);
    const { of } = await page(runtimeWith(env()));
    expect(of('backups')).toEqual([
      { cell: 'one', region: 'eu-central-1', declared: null, verdict: 'inside' },
      { cell: 'one', region: null, declared: null, verdict: 'none' },
    ]);
  });

  it('of a former cell in a bucket of us-east-1 are outside', async () => {
    vi.stubEnv('AWS_REGION', 'us-east-1');
    await furtherCell('old', 'eu-central-1');
    await backupIn('old', 's3://clinics-us/earlier');
    await put('us-east-1', 'clinics-us', `earlier/old/${tenantId}/x.backup`);
    const { of, outcome } = await page(runtimeWith(env()));
    expect(of('backups')).toContainEqual({
      cell: 'old',
      region: 'us-east-1',
      declared: null,
      verdict: 'outside',
    });
    expect(outcome).toBe('violated');
    vi.stubEnv('AWS_REGION', 'eu-central-1');
  });

  it('and the state of the engine are where S3 and KMS say, with the key that seals it', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL', aws.endpoint);
    const kms = new KMSClient({ region: 'eu-central-1' });
    const arn = (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? '';
    const place = parseStatePlace(`s3://clinics-eu/state?region=eu-central-1&kmsKeyId=${arn}`);
    const at = (changes: Partial<StatePlace>): Runtime => ({
      ...runtimeWith(env()),
      state: stateAt(project, { ...place, ...changes }, process.env),
    });
    const inEu = { cell: null, region: 'eu-central-1', declared: null, verdict: 'inside' };
    const copies = { ...inEu, region: null, verdict: 'none' };
    const { of, rows } = await page(at({}));
    expect(of('state')).toEqual([inEu, copies, inEu]);
    expect(rows.filter(({ part }) => part === 'state').map(({ evidence }) => evidence)).toEqual([
      expect.stringContaining('s3:GetBucketLocation'),
      expect.stringContaining('s3:GetBucketReplication'),
      `kms:DescribeKey: ${arn}`,
    ]);
    const abroad = await page(at({ bucket: 'clinics-us' }));
    expect(abroad.of('state')[0]).toEqual({ ...inEu, region: 'us-east-1', verdict: 'outside' });
    const gone = await page(at({ key: { ...place.key, arn: arn.replace(/[0-9a-f]{12}$/, '000000000000') } }));
    expect(gone.of('state')[2]).toEqual({ ...inEu, region: null, verdict: 'cannot-tell' });
    expect((await page()).of('state')).toEqual([{ ...inEu, region: null, verdict: 'cannot-tell' }]);
    vi.stubEnv('AWS_ENDPOINT_URL', undefined);
  });

  it('cannot be told while nobody answers', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL_S3', 'http://127.0.0.1:9');
    const { of, outcome } = await page(runtimeWith(env()));
    const unknown = { cell: 'one', region: null, declared: null, verdict: 'cannot-tell' };
    expect(of('backups')).toEqual([unknown]);
    expect(of('key-copies')).toEqual([unknown]);
    expect(outcome).toBe('unproven');
    vi.stubEnv('AWS_ENDPOINT_URL_S3', aws.endpoint);
  });
});
