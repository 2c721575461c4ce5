import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { CreateAliasCommand, CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { ModifyDBInstanceCommand } from '@aws-sdk/client-rds';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Connection, withConnection } from '../../data-plane/database/connect.js';
import { awsNames, bucketName } from '../../stacks/programs/aws/names.js';
import { DEPLOYER } from '../../stacks/programs/aws/permissions/deployer.js';
import type { Permission } from '../../stacks/programs/aws/permissions/permission.js';
import { policyFor } from '../../stacks/programs/aws/permissions/roles.js';
import { WORKER } from '../../stacks/programs/aws/permissions/worker.js';
import { placeAwsPlugin } from '../support/aws/place-plugin.js';
import { type Recorder, startRecorder } from '../support/aws/recorder.js';
import { ACCOUNT, type Cloud, openCloud } from '../support/aws/stand-in/cloud.js';
import { type CliProject, ENGINE_TIMEOUT_MS, openCliProject, prepareEngine } from '../support/cli.js';
import { type ManagedPostgres, startManagedPostgres } from '../support/rds/managed-postgres.js';
import { findMoto } from '../support/rds/moto.js';
import { startRds, type TestRds } from '../support/rds/use-rds.js';

const CELL = 'con-aws';
const SLUG = CELL;
const REGION = 'eu-west-1';
const IMAGE = `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com/ringfence@sha256:`;
const WITH_WORKER = ['--worker-image', `${IMAGE}${'1'.repeat(64)}`];
const UP = ['cells', 'up', CELL, '--aws', '--tier', 'dedicated', '--region', REGION, ...WITH_WORKER];
const INSTANCE = awsNames(CELL).instance;
const DATABASE = 'aws:rds/instance:Instance';
const PLACE = { account: ACCOUNT, region: REGION, network: null, copiesIn: null } as const;
const NO_PERMISSION = ['sts:GetCallerIdentity'];
/** What the stand-in for the engine's plugin does for real. */
const BY_PLUGIN = [
  'rds:CreateDBInstance',
  'rds:DeleteDBInstance',
  's3:CreateBucket',
  's3:PutBucketVersioning',
  's3:PutObjectLockConfiguration',
];
const program = await findMoto();

/** What the stand-in for the engine's plugin makes is not in moto, and nobody else makes the root of such a cell. */
const makeTenantKey = async (endpoint: string): Promise<void> => {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const kms = new KMSClient({ endpoint, region: REGION, credentials });
  const { KeyMetadata: made } = await kms.send(new CreateKeyCommand({}));
  const alias = { AliasName: awsNames(CELL).tenantKey, TargetKeyId: made?.KeyId };
  await kms.send(new CreateAliasCommand(alias));
};

describe.skipIf(program === undefined)('A dedicated cell that Ringfence makes in AWS', () => {
  let project: CliProject;
  let postgres: ManagedPostgres;
  let rds: TestRds;
  let cloud: Cloud;
  let env: Record<string, string>;
  let database: Connection;
  let asked: Recorder;
  let askedOfS3: Recorder;
  const dir = mkdtempSync(join(tmpdir(), 'ringfence-cloud-'));

  /** Calls that no permission of the tables names. What the engine's plugin does is in a table of its own. */
  const callsOutside = (permissions: readonly Permission[]): string[] => {
    const named = new Set([...permissions.flatMap(({ calls }) => calls), ...NO_PERMISSION, ...BY_PLUGIN]);
    return [...asked.calls, ...askedOfS3.calls].filter((call) => !named.has(call));
  };

  const lines = async (): Promise<number> => {
    const { rows } = await withConnection(database, (client) =>
      client.query<{ n: number }>('SELECT count(*)::int AS n FROM clinical.invoice_lines'),
    );
    return rows[0]?.n ?? 0;
  };

  beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);
  beforeAll(async () => {
    postgres = await startManagedPostgres('ringfence_master');
    rds = await startRds(program ?? '', postgres, { instance: INSTANCE, region: REGION, isMade: false });
    database = { ...postgres.master, database: 'ringfence' };
    await makeTenantKey(rds.moto);
    asked = await startRecorder(rds.endpoint);
    askedOfS3 = await startRecorder(rds.moto);
    project = openCliProject();
    cloud = openCloud(dir);
    env = {
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: REGION,
      AWS_ENDPOINT_URL: asked.endpoint,
      AWS_ENDPOINT_URL_S3: askedOfS3.endpoint,
    };
  });
  afterAll(async () => {
    rmSync(join(project.home, 'cells', CELL), { recursive: true, force: true });
    const left = await project.purge();
    await asked.stop();
    await askedOfS3.stop();
    await rds.stop();
    postgres.stop();
    rmSync(dir, { recursive: true, force: true });
    expect(left).toEqual([]);
  });

  it('is refused before anything is made where it cannot be', async () => {
    const refused = async (args: string[], more: Record<string, string> = {}) =>
      (await project.run(args, { env: { ...env, ...more } })).stderr;
    expect(await refused(['cells', 'up', CELL, '--aws', '--region', 'eu-moon-1'])).toContain(
      'is not a region',
    );
    expect(await refused([...UP, '--copies-in', 'eu-west-2'])).toContain(
      'copies of a cell in the EU stay in the EU',
    );
    expect(await refused(UP, { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' })).toContain(
      'AWS does not answer in eu-west-1',
    );
    rds.wrong = { refused: 'GetCallerIdentity' };
    expect(await refused(UP)).toContain('aws account enable-region --region-name eu-west-1');
    rds.reset();
    expect(await refused(UP)).toContain('ringfence pulumi -- plugin install resource aws');
    expect(cloud.list()).toEqual([]);
  });

  it('has a network beside the others’, also where two are made at once', async () => {
    const both = ['near-one', 'near-two'];
    const up = (cell: string) => ['cells', 'up', cell, '--aws', '--region', REGION];
    const runs = await Promise.all(both.map((cell) => project.run(up(cell), { env })));
    for (const { stderr } of runs) expect(stderr).toContain('plugin install resource aws');
    const numbers = await project.control<{ number: number }>(
      `SELECT (address->'infrastructure'->>'networkNumber')::int AS number FROM control.cells WHERE name LIKE 'near-%' ORDER BY 1`,
    );
    expect(numbers).toEqual([{ number: 61 }, { number: 62 }]);
    for (const cell of both)
      expect(await project.run(['cells', 'down', cell, '--purge', '-y'], { env })).toMatchObject({
        status: 0,
      });
  });

  it('is taken up again after its making was broken off, and is a cell as others are', async () => {
    placeAwsPlugin(project.home, dir);
    const ca = ['--ca-file', postgres.caFile];
    cloud.setFaults({ failures: { [DATABASE]: 100 } });
    const broken = await project.run([...UP, ...ca], { env });
    expect([broken.status, broken.stderr]).toEqual([4, expect.stringContaining('Rate exceeded')]);
    const begun = cloud.list().length;
    expect(begun).toBeGreaterThan(20);
    cloud.setFaults({ silent: [DATABASE, 'aws:s3/bucketPolicy:BucketPolicy'] });
    const killed = project.start([...UP, ...ca], { env });
    await expect.poll(() => cloud.list().some(({ type }) => type === DATABASE)).toBe(true);
    await pause(500);
    killed.killGroup('SIGKILL');
    await killed.result;
    cloud.setFaults({});
    const made = await project.run([...UP, ...ca, '--json'], { env });
    // What comes after the database, which was under way when the run before was killed.
    expect(made.stderr).toMatch(/^ {2}\+ Service worker$/m);
    const [cell] = JSON.parse(made.stdout) as { target: string; rdsInstance: string }[];
    expect(cell).toMatchObject({ target: 'aws', rdsInstance: INSTANCE, tier: 'dedicated', historyDays: 7 });
    // 39 of a cell, and 19 of its worker.
    expect(cloud.list().length).toBe(58);
    const { attributes } = cloud.list().find(({ type }) => type === DATABASE) ?? { attributes: {} };
    expect(attributes).toMatchObject({ multiAz: true, deletionProtection: true, publiclyAccessible: false });
    expect(callsOutside(DEPLOYER)).toEqual([]);
    for (const call of DEPLOYER.flatMap(({ calls }) => calls)) expect(asked.calls).toContain(call);
    const args = ['cells', 'permissions', CELL, '--for', 'deployer'];
    expect(await project.json(args, { env })).toMatchObject({
      ...{ cell: CELL, role: 'deployer', account: ACCOUNT, region: REGION },
      policy: { Statement: policyFor('deployer', { ...PLACE, cell: CELL }) },
    });
  });

  it('takes a tenant, whose backups are in its bucket and come back from there', async () => {
    const bucket = bucketName(CELL, ACCOUNT, REGION);
    env = { ...env, RINGFENCE_OBJECTS: `s3://${bucket}/backups` };
    const path = project.manifest(SLUG, { tier: 'dedicated', region: REGION });
    const added = await project.json<{ cell: { name: string }; isolation: unknown }>(
      ['tenants', 'add', '-f', path, '-y'],
      { env },
    );
    expect(added.isolation).toMatchObject({ leaks: 0, unproven: 0 });
    expect(await project.control('SELECT cell FROM control.tenants')).toEqual([{ cell: CELL }]);
    expect(await project.control('SELECT root_key_id FROM control.tenant_keys')).toEqual([
      { root_key_id: expect.stringMatching(/^arn:aws:kms:eu-west-1:/) },
    ]);
    expect((await project.run(['demo', 'load', SLUG, '--patients', '20'], { env })).status).toBe(0);
    const before = await lines();
    expect(before).toBeGreaterThan(0);
    expect(await project.run(['backups', 'run', SLUG], { env })).toMatchObject({ status: 0 });
    await withConnection(database, (client) => client.query('DELETE FROM clinical.invoice_lines'));
    const restore = ['backups', 'restore', SLUG, '--table', 'clinical.invoice_lines', '-y'];
    expect(await project.run(restore, { env })).toMatchObject({ status: 0 });
    expect(await lines()).toBe(before);
  });

  it('gets its tenant into its tags, a topic for its alarms, and drift by hand mended, by the next cells up', async () => {
    const thing = cloud.list().find(({ type }) => type === DATABASE);
    if (!thing) throw new Error('there is no database');
    cloud.put({ ...thing, attributes: { ...thing.attributes, publiclyAccessible: true } });
    const topic = `arn:aws:sns:${REGION}:${ACCOUNT}:alarms`;
    const abroad = await project.run(
      ['cells', 'up', CELL, '--alarm-topics', topic.replace('west-1', 'west-2')],
      {
        env,
      },
    );
    expect(abroad.stderr).toContain('a topic is in the region of the cell');
    const byTag = await project.run(['cells', 'up', CELL, '--worker-image', IMAGE.replace('@', ':latest@')], {
      env,
    });
    expect(byTag.stderr).toContain('is an image in ECR by its digest');
    const newer = `${IMAGE}${'2'.repeat(64)}`;
    const up = await project.run(
      ['cells', 'up', CELL, '--alarm-topics', topic, '--worker-image', newer, '--size', 'medium', '-y'],
      {
        env,
      },
    );
    expect(up).toMatchObject({ status: 0 });
    // By hand: `publiclyAccessible`. By the option: a new task for the service, replaced once.
    expect(up.stderr).toMatch(/^ {2}~ Instance database/m);
    expect(new Set(up.stderr.match(/^ {2}\S TaskDefinition worker/gm))).toEqual(
      new Set(['  ± TaskDefinition worker']),
    );
    expect(up.stderr).toContain(
      'db.t4g.medium -> db.m7g.large: a restart ends every session, for about a minute',
    );
    // A rule for the database and two for the worker, and what each tells.
    expect(cloud.list().length).toBe(64);
    const [task, ...others] = cloud.list().filter(({ type }) => type.endsWith(':TaskDefinition'));
    expect([others, task?.attributes.containerDefinitions]).toEqual([[], expect.stringContaining(newer)]);
    expect(cloud.list().find(({ type }) => type.endsWith(':Service'))?.attributes).toMatchObject({
      taskDefinition: task?.id,
      networkConfiguration: { assignPublicIp: false },
    });
    for (const { type, attributes } of cloud.list())
      if (type === 'aws:cloudwatch/metricAlarm:MetricAlarm')
        expect(attributes).toMatchObject({ alarmActions: [topic], okActions: [topic] });
    expect(cloud.find(DATABASE, thing.id)?.attributes).toMatchObject({
      publiclyAccessible: false,
      instanceClass: 'db.m7g.large',
      tags: { 'ringfence:cell': CELL, 'ringfence:tier': 'dedicated', 'ringfence:tenant': SLUG },
    });
  });

  it('goes only when nobody lives in it and its protection has ended; bucket and keys stay', async () => {
    const named = ['--confirm', SLUG, '--wait-days', '0'];
    const erase = ['tenants', 'erase', SLUG, '--reason', 'the contract has ended', ...named];
    expect(await project.run(erase, { env })).toMatchObject({ status: 0 });
    const purge = ['cells', 'down', CELL, '--purge', '-y'];
    const refused = await project.run(purge, { env });
    expect([refused.status, refused.stderr]).toEqual([
      1,
      expect.stringContaining('is protected from deletion'),
    ]);
    await (await rds.clients.rds()).send(
      new ModifyDBInstanceCommand({ DBInstanceIdentifier: INSTANCE, DeletionProtection: false }),
    );
    const thing = cloud.list().find(({ type }) => type === DATABASE);
    if (thing) cloud.put({ ...thing, attributes: { ...thing.attributes, deletionProtection: false } });
    const purged = await project.run(purge, { env });
    expect([purged.status, purged.stderr]).toEqual([0, expect.stringContaining('  - Instance database')]);
    const left = new Set(cloud.list().map(({ type }) => type.split(':').at(-1)));
    expect([...left].filter((type) => !type?.startsWith('Bucket'))).toEqual(
      expect.arrayContaining(['Key', 'Alias']),
    );
    expect(['Instance', 'Vpc', 'Service', 'Cluster'].filter((type) => left.has(type))).toEqual([]);
    expect(await project.json(['cells', 'list'], { env })).toEqual([]);
    expect(callsOutside([...DEPLOYER, ...WORKER])).toEqual([]);
  });
});
