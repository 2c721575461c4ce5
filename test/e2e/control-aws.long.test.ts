import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { ModifyDBInstanceCommand } from '@aws-sdk/client-rds';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Connection, withConnection } from '../../data-plane/database/connect.js';
import { placeAwsPlugin } from '../support/aws/place-plugin.js';
import { type Cloud, openCloud } from '../support/aws/stand-in/cloud.js';
import { type CliProject, ENGINE_TIMEOUT_MS, openCliProject, prepareEngine } from '../support/cli.js';
import { type ManagedPostgres, startManagedPostgres } from '../support/rds/managed-postgres.js';
import { findMoto } from '../support/rds/moto.js';
import { startRds, type TestRds } from '../support/rds/use-rds.js';

const SLUG = 'clinica-control';
const REGION = 'eu-central-1';
const ID = 'c0ffee01-0000-4000-8000-000000000001';
const INSTANCE = 'ringfence-control-c0ffee01';
const URL = `rds://${REGION}/${INSTANCE}`;
const UP = ['control', 'up', '--aws', '--region', REGION];
const DATABASE = 'aws:rds/instance:Instance';
const program = await findMoto();

describe.skipIf(program === undefined)('A control database on Amazon RDS', () => {
  let project: CliProject;
  let postgres: ManagedPostgres;
  let rds: TestRds;
  let cloud: Cloud;
  let env: Record<string, string>;
  let control: Connection;
  let kept: string[] = [];
  const dir = mkdtempSync(join(tmpdir(), 'ringfence-cloud-'));
  const addressFile = () => join(project.home, 'control-database.json');
  const refused = async (args: readonly string[], more: Record<string, string> = {}) => {
    const { status, stderr } = await project.run(args, { env: { ...env, ...more } });
    return [status, stderr] as const;
  };
  const ask = async <T>(sql: string): Promise<T[]> =>
    withConnection(control, async (client) => (await client.query(sql)).rows as T[]);
  beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);
  beforeAll(async () => {
    postgres = await startManagedPostgres('ringfence_master');
    rds = await startRds(program ?? '', postgres, { instance: INSTANCE, region: REGION, isMade: false });
    control = { ...postgres.master, database: 'control' };
    project = openCliProject();
    // Names in AWS follow from the id of the project.
    mkdirSync(project.home);
    writeFileSync(
      join(project.home, 'project.json'),
      JSON.stringify({ format: 'ringfence-project', version: 1, id: ID }),
    );
    cloud = openCloud(dir);
    env = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_ENDPOINT_URL: rds.endpoint };
  });
  afterAll(async () => {
    rmSync(addressFile(), { force: true });
    const left = await project.purge();
    await rds.stop();
    postgres.stop();
    rmSync(dir, { recursive: true, force: true });
    expect(left).toEqual([]);
  });

  it('is refused before anything is made where it cannot be', async () => {
    expect(await refused(['control', 'up', '--region', REGION])).toEqual([
      2,
      expect.stringContaining('needs a region, and --aws or --rds'),
    ]);
    expect((await refused([...UP, '--copies-in', 'eu-west-2']))[1]).toContain(
      'copies of a cell in the EU stay in the EU',
    );
    expect((await refused([...UP, '--multi-az', '--single-az']))[1]).toContain('are one or the other');
    expect((await refused(UP))[1]).toContain('ringfence pulumi -- plugin install resource aws');
    expect((await refused(['cells', 'list'], { RINGFENCE_CONTROL: URL }))[1]).toContain(
      'the control database of this folder is on this machine',
    );
    const { status } = await project.run(['cells', 'list'], { env });
    expect([status, cloud.list(), existsSync(addressFile())]).toEqual([0, [], false]);
  });

  it('gets all that the one of the machine had, once, also after a run that was broken off', async () => {
    placeAwsPlugin(project.home, dir);
    const tenant = await project.run(['tenants', 'add', '-f', project.manifest(SLUG), '-y'], { env });
    expect(tenant).toMatchObject({ status: 0 });
    const before = await project.json(['tenants', 'list'], { env });
    const up = [...UP, '--ca-file', postgres.caFile];
    const killed = await project.run(up, { env: { ...env, RINGFENCE_CRASH_AT: 'control-rows-carried' } });
    expect([killed.signal, killed.stderr]).toEqual([
      'SIGKILL',
      expect.stringContaining('+ Instance database'),
    ]);
    expect(await refused(['tenants', 'list'])).toEqual([
      1,
      expect.stringContaining(`the control database is being carried to instance ${INSTANCE}`),
    ]);
    const made = await project.json<{ carriedRows: number; kept: string[] }>(up, { env });
    expect(made).toMatchObject({ url: URL, rdsInstance: INSTANCE, historyDays: 7 });
    kept = made.kept;
    expect(kept.map((path) => basename(path).replace(/[.]kept-.*/, ''))).toEqual(['data', 'archive', 'base']);
    const { attributes } = cloud.list().find(({ type }) => type === DATABASE) ?? { attributes: {} };
    expect(attributes).toMatchObject({
      ...{ deletionProtection: true, publiclyAccessible: false, storageEncrypted: true },
      ...{ manageMasterUserPassword: true, backupRetentionPeriod: 7 },
    });
    expect(cloud.list().length).toBe(27);
    expect(await project.json(['tenants', 'list'], { env })).toEqual(before);
    expect(await ask('SELECT slug FROM control.tenants')).toEqual([{ slug: SLUG }]);
    expect(project.servers().find(({ name }) => name === 'control')?.pid).toBeUndefined();
  });

  it('is what every command works with, and where it is, RDS says', async () => {
    const suspend = ['tenants', 'suspend', SLUG, '--reason', 'unpaid', '-y'];
    expect(await project.run(suspend, { env })).toMatchObject({ status: 0 });
    expect(await ask('SELECT state FROM control.tenants')).toEqual([{ state: 'suspended' }]);
    const { stdout } = await project.run(['tenants', 'residency', SLUG, '--json'], { env });
    const { rows } = JSON.parse(stdout) as { rows: unknown[] };
    // Besides it, what was kept aside on this machine, which cannot tell its place.
    expect(rows).toContainEqual(
      expect.objectContaining({
        ...{ part: 'control-database', what: expect.stringMatching(/^instance /) },
        ...{ region: REGION, verdict: 'inside' },
      }),
    );
  });

  it('is mended and changed by the same command, and stays where it is', async () => {
    expect((await refused(['control', 'up', '--aws', '--region', 'eu-west-1']))[1]).toContain(
      `is ${URL} already`,
    );
    const thing = cloud.list().find(({ type }) => type === DATABASE);
    if (!thing) throw new Error('there is no database');
    cloud.put({ ...thing, attributes: { ...thing.attributes, publiclyAccessible: true } });
    const up = await project.run([...UP, '--multi-az'], { env });
    expect([up.status, up.stderr]).toEqual([0, expect.stringMatching(/^ {2}~ Instance database/m)]);
    expect(cloud.find(DATABASE, thing.id)?.attributes).toMatchObject({
      publiclyAccessible: false,
      multiAz: true,
    });
  });

  it('goes when there is no cell any more, and its protection has ended', async () => {
    expect((await refused(['control', 'down', '-y']))[1]).toContain('the control database has cell');
    expect((await refused(['cells', 'down', '--purge', '-y']))[1]).toContain('ringfence control down');
    const named = ['--confirm', SLUG, '--wait-days', '0'];
    const erase = ['tenants', 'erase', SLUG, '--reason', 'the contract has ended', ...named];
    // What was kept of the machine's own has its keys.
    expect((await project.run(erase, { env })).stderr).toContain('.kept-');
    for (const path of kept) rmSync(path, { recursive: true });
    expect(await project.run(erase, { env })).toMatchObject({ status: 0 });
    const [cell] = await project.json<{ name: string }[]>(['cells', 'list'], { env });
    expect(await project.run(['cells', 'down', cell?.name ?? '', '--purge', '-y'], { env })).toMatchObject({
      status: 0,
    });
    expect((await refused(['control', 'down', '-y']))[1]).toContain('is protected from deletion');
    await (await rds.clients.rds()).send(
      new ModifyDBInstanceCommand({ DBInstanceIdentifier: INSTANCE, DeletionProtection: false }),
    );
    const thing = cloud.list().find(({ type }) => type === DATABASE);
    if (thing) cloud.put({ ...thing, attributes: { ...thing.attributes, deletionProtection: false } });
    const down = await project.run(['control', 'down', '-y'], { env });
    expect([down.status, down.stderr]).toEqual([0, expect.stringContaining('- Instance database')]);
    expect(
      cloud
        .list()
        .map(({ type }) => type.split(':').at(-1))
        .sort(),
    ).toEqual(['Alias', 'Key']);
  });
});
