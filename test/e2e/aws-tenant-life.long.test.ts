import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ListObjectVersionsCommand, PutObjectRetentionCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { controlDirectory, createAccess } from '../../data-plane/access/index.js';
import { tenantDigest } from '../../data-plane/backup/tenant/digest.js';
import { cellCredentials } from '../../data-plane/database/cell-credentials.js';
import { type Connection, withConnection } from '../../data-plane/database/connect.js';
import { runningLocalServer } from '../../data-plane/database/server/local-server.js';
import { bucketName } from '../../stacks/programs/aws/names.js';
import { AUDIENCE, ISSUER, identityProvider } from '../data-plane/access/token-maker.js';
import { ACCOUNT, type Cloud } from '../support/aws/stand-in/cloud.js';
import { openTwoRegions, type TwoRegions } from '../support/aws/two-regions.js';
import { type CliProject, ENGINE_TIMEOUT_MS, openCliProject, prepareEngine } from '../support/cli.js';
import { startLanes } from '../support/lanes.js';
import { findMoto } from '../support/rds/moto.js';

const SHARED = 'compartida';
const SLUG = 'sonrisa';
const [HERE, THERE] = ['eu-central-1', 'eu-west-1'] as const;
const UP = ['cells', 'up', SHARED, '--aws', '--region', HERE];
const program = await findMoto();

/** The emulator lets a lock end before its time. */
const endLocks = async (endpoint: string, bucket: string): Promise<void> => {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const s3 = new S3Client({ endpoint, region: HERE, credentials, forcePathStyle: true });
  const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket: bucket }));
  const RetainUntilDate = new Date(Date.now() + 500);
  for (const { Key, VersionId } of Versions)
    await s3.send(
      new PutObjectRetentionCommand({
        ...{ Bucket: bucket, Key, VersionId, BypassGovernanceRetention: true },
        Retention: { Mode: 'GOVERNANCE', RetainUntilDate },
      }),
    );
  await pause(1_500);
};

interface Moved {
  readonly id: string;
  readonly destination: string;
  readonly state: string;
  readonly isRollback: boolean;
  readonly report: { readonly rows: number; readonly pauseMs: number; readonly checkedAfterwards: boolean };
}

describe.skipIf(program === undefined)('The life of a tenant in AWS', () => {
  let project: CliProject;
  let cloud: Cloud;
  let regions: TwoRegions;
  let env: Record<string, string>;
  let clinicId = '';
  let userId = '';
  let tenantId = '';
  const idp = identityProvider();
  const say = (line: string): void => void process.stdout.write(`${line}\n`);

  const databaseOf = (cell: string): Connection => regions.databaseOf(cell);
  const sql = <T extends object>(cell: string, text: string, values: unknown[] = []): Promise<T[]> =>
    withConnection(databaseOf(cell), async (client) => (await client.query<T>(text, values)).rows);
  const digestIn = async (cell: string): Promise<string> =>
    (await tenantDigest(databaseOf(cell), tenantId)).digest;
  const run = async (...args: string[]): Promise<string> => {
    const startedMs = performance.now();
    const { status, stderr } = await project.run(args, { env });
    if (status !== 0) throw new Error(`ringfence ${args.join(' ')} exited with ${status}: ${stderr}`);
    say(`  ringfence ${args.join(' ')}: ${((performance.now() - startedMs) / 1_000).toFixed(1)} s`);
    return stderr;
  };
  const json = async <T>(...args: string[]): Promise<T> => {
    const startedMs = performance.now();
    const found = await project.json<T>(args, { env });
    say(`  ringfence ${args.join(' ')}: ${((performance.now() - startedMs) / 1_000).toFixed(1)} s`);
    return found;
  };
  const refusal = async (...args: string[]) => {
    const { status, stdout } = await project.run([...args, '--yes', '--json'], { env });
    const { code, message } = JSON.parse(stdout).error as { code: string; message: string };
    return { status, code, message };
  };
  const lines = async (cell: string): Promise<number> =>
    (await sql<{ n: number }>(cell, 'SELECT count(*)::int AS n FROM clinical.invoice_lines'))[0]?.n ?? 0;
  const streams = (cell: string) =>
    sql(
      cell,
      `SELECT (SELECT count(*)::int FROM pg_replication_slots) AS slots, (SELECT count(*)::int FROM pg_publication) AS publications,
              (SELECT count(*)::int FROM pg_subscription) AS subscriptions,
              (SELECT count(*)::int FROM pg_roles WHERE rolname LIKE 'rf\\_move%') AS logins`,
    );
  const NO_STREAMS = [{ slots: 0, publications: 0, subscriptions: 0, logins: 0 }];

  /** An application that writes, and reads what it has written, until it is told to end. */
  const startApplication = () => {
    const server = runningLocalServer(join(project.home, 'control'));
    if (!server) throw new Error('the control database does not run');
    const directory = controlDirectory({
      control: { ...server, database: 'control' },
      cellAddress: (cell) => {
        const { appPassword, keeperPassword, contextKey } = cellCredentials(
          join(project.home, 'cells', cell),
        );
        const connection = { ...databaseOf(cell), user: 'ringfence_app', password: appPassword };
        return { cell, connection, contextKey, keeperPassword };
      },
    });
    const access = createAccess({
      directory,
      keys: idp.keys,
      issuer: ISSUER,
      audience: AUDIENCE,
      moveWaitMs: 60_000,
    });
    const end = startLanes({
      access,
      token: () => idp.token(clinicId, { sub: userId }),
      clinicId,
      run: randomUUID(),
      lanes: 2,
      pauseMs: 20,
    });
    return async () => {
      const driven = await end();
      await access.close();
      await directory.close();
      return driven;
    };
  };
  const writtenIn = async (cell: string): Promise<string[]> =>
    (await sql<{ name: string }>(cell, `SELECT name FROM clinical.services WHERE name LIKE 'lane %'`)).map(
      ({ name }) => name,
    );

  beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);
  beforeAll(async () => {
    project = openCliProject();
    regions = await openTwoRegions(program ?? '', project.home, [
      { cell: SHARED, region: HERE },
      { cell: SLUG, region: THERE },
    ]);
    cloud = regions.cloud;
    env = { ...regions.env };
  });
  afterAll(async () => {
    regions.forgetCells();
    const left = await project.purge();
    await regions.stop();
    expect(left).toEqual([]);
  });

  it('begins in a shared cell in Frankfurt', async () => {
    await run(...UP, '--ca-file', regions.caFile);
    env = { ...env, RINGFENCE_OBJECTS: `s3://${bucketName(SHARED, ACCOUNT, HERE)}/backups` };
    const path = project.manifest(SLUG, {
      plan: 'enterprise',
      region: HERE,
      residency: 'eu',
      quotas: { requestsPerMinute: 10_000_000, computeSecondsPerDay: 8_640_000 },
    });
    const added = await json<{ isolation: unknown }>('tenants', 'add', '-f', path, '-y');
    expect(added.isolation).toMatchObject({ leaks: 0, unproven: 0 });
    await run('demo', 'load', SLUG, '--patients', '20');
    [{ id: tenantId } = { id: '' }] = await project.control<{ id: string }>('SELECT id FROM control.tenants');
    [{ clinicId, userId } = { clinicId: '', userId: '' }] = await sql<{ clinicId: string; userId: string }>(
      SHARED,
      `SELECT clinic_id AS "clinicId", user_id AS "userId" FROM clinical.staff
        WHERE role = 'owner' AND active AND user_id IS NOT NULL LIMIT 1`,
    );
  });

  it('comes back from its bucket, and from a moment of the history of RDS', async () => {
    const before = await lines(SHARED);
    expect(before).toBeGreaterThan(0);
    await run('backups', 'run', SLUG);
    await sql(SHARED, 'DELETE FROM clinical.invoice_lines');
    await run('backups', 'restore', SLUG, '--table', 'clinical.invoice_lines', '-y');
    expect(await lines(SHARED)).toBe(before);
    const at = new Date(Math.ceil((Date.now() + 10) / 1_000) * 1_000);
    await pause(at.getTime() - Date.now() + 20);
    await sql(SHARED, 'DELETE FROM clinical.invoice_lines');
    await run(
      'backups',
      'restore',
      SLUG,
      '--to',
      at.toISOString(),
      '--table',
      'clinical.invoice_lines',
      '-y',
    );
    expect(await lines(SHARED)).toBe(before);
  });

  it('is not moved out of its residency, nor to this machine, nor rehearsed there; nothing is made', async () => {
    const made = cloud.list().length;
    const promote = ['tenants', 'promote', SLUG, '--region'];
    expect(await refusal(...promote, 'eu-west-2')).toMatchObject({
      status: 1,
      code: 'conflict',
      message: expect.stringContaining('outside the residency eu'),
    });
    await project.json(['cells', 'up', 'aqui', '--region', THERE]);
    expect(await refusal('tenants', 'move', SLUG, '--to', 'aqui')).toMatchObject({
      status: 1,
      code: 'conflict',
      message: expect.stringContaining('a server of this machine is not reached from there'),
    });
    expect(await refusal(...promote, THERE, '--rehearse')).toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('would bring the tenant'),
    });
    expect(cloud.list().length).toBe(made);
    expect(await streams(SHARED)).toEqual(NO_STREAMS);
  });

  it('is promoted into a server of its own in Ireland while it works', async () => {
    const end = startApplication();
    const moved = await json<Moved>('tenants', 'promote', SLUG, '--region', THERE, '--yes').catch(
      async (error: unknown) => {
        await end();
        throw error;
      },
    );
    const { acknowledged, problems } = await end();
    say(
      `  ${moved.report.rows} rows, ${acknowledged.length} writes meanwhile, pause ${moved.report.pauseMs.toFixed(1)} ms`,
    );
    expect(problems).toEqual([]);
    expect(moved).toMatchObject({ state: 'window', report: { checkedAfterwards: true } });
    expect((await writtenIn(SLUG)).sort()).toEqual([...acknowledged].sort());
    expect(acknowledged.length).toBeGreaterThan(20);
    expect(await json('placements', 'list', SLUG)).toMatchObject([
      { cell: SHARED, state: 'leaving' },
      { cell: SLUG, state: 'home', region: THERE },
    ]);
    const networks = cloud.list().filter(({ type }) => type === 'aws:ec2/vpc:Vpc');
    expect(networks.map(({ attributes }) => attributes.cidrBlock).sort()).toEqual([
      '10.60.0.0/16',
      '10.61.0.0/16',
    ]);
    const roots = await project.control<{ root_key_id: string }>(
      'SELECT root_key_id FROM control.tenant_keys',
    );
    expect(roots).toEqual([{ root_key_id: expect.stringMatching(/^arn:aws:kms:eu-west-1:/) }]);
    await run('audit', 'verify', SLUG);
  });

  it('is brought back with every write since, and there again; then nothing is left of it where it was', async () => {
    const end = startApplication();
    const back = await json<Moved>('tenants', 'promote', SLUG, '--rollback', '--yes');
    const { acknowledged, problems } = await end();
    expect(problems).toEqual([]);
    expect(back).toMatchObject({ state: 'window', isRollback: true, report: { checkedAfterwards: true } });
    const found = new Set(await writtenIn(SHARED));
    expect(acknowledged.filter((name) => !found.has(name))).toEqual([]);
    expect(await digestIn(SHARED)).toBe(await digestIn(SLUG));
    const again = await json<Moved>('tenants', 'promote', SLUG, '--rollback', '--yes');
    expect(again).toMatchObject({ id: back.id, destination: SLUG, report: { checkedAfterwards: true } });
    await run('placements', 'withdraw', SLUG, SHARED, '--confirm', SLUG);
    for (const cell of [SHARED, SLUG]) expect(await streams(cell)).toEqual(NO_STREAMS);
    expect(await sql(SHARED, 'SELECT FROM ringfence.tenants')).toEqual([]);
    await run('doctor');
    await project.control(`UPDATE control.cells SET root_key_id = $1 WHERE name = $2`, [
      `arn:aws:kms:us-east-1:${ACCOUNT}:key/1c9f2a34-5b6c-4d7e-8f90-a1b2c3d4e5f6`,
      SHARED,
    ]);
    for (const args of [
      ['tenants', 'move', SLUG, '--to', SHARED],
      ['placements', 'add', SLUG, SHARED],
    ])
      expect(await refusal(...args)).toMatchObject({ code: 'residency_violated' });
    expect(
      await project.control('SELECT FROM control.placements WHERE cell = $1 AND state <> $2', [
        SHARED,
        'left',
      ]),
    ).toEqual([]);
  });

  it('gets a new key under the root of its new region', async () => {
    await run('keys', 'rotate', SLUG, '--settle', '1');
    const keys = await project.control<{ version: number; root_key_id: string }>(
      'SELECT version, root_key_id FROM control.tenant_keys ORDER BY version',
    );
    expect(keys.at(-1)).toEqual({
      version: 2,
      root_key_id: expect.stringMatching(/^arn:aws:kms:eu-west-1:/),
    });
  });

  it('is erased when the lock of its last backup is over, and the certificate says what is left until when', async () => {
    const locked = { ...env, RINGFENCE_OBJECTS: `${env.RINGFENCE_OBJECTS}?lockDays=1` };
    expect(await project.run(['backups', 'run', SLUG], { env: locked })).toMatchObject({ status: 0 });
    const named = ['--confirm', SLUG, '--wait-days', '0'];
    const erase = ['tenants', 'erase', SLUG, '--reason', 'the contract has ended', ...named];
    const refused = await refusal(...erase);
    say(`  erase: ${refused.message}`);
    expect(refused).toMatchObject({
      code: 'object_locked',
      message: expect.stringMatching(/until \d{4}-\d\d-\d\dT/),
    });
    const [key] = await project.control<{ wrapped: unknown }>('SELECT wrapped FROM control.tenant_keys');
    expect(key?.wrapped).toBeNull();
    await endLocks(regions.moto, bucketName(SHARED, ACCOUNT, HERE));
    const { certificate } = await json<{ certificate: { limits: string[]; erased: object } }>(...erase);
    expect(certificate.erased).toMatchObject({ clinics: 1, keyVersions: 2 });
    const history = certificate.limits.find((limit) => limit.includes('Base backups of the cell'));
    say(`  certificate: ${history}`);
    expect(history).toMatch(/until \d{4}-\d\d-\d\dT/);
    for (const cell of [SHARED, SLUG]) expect(await sql(cell, 'SELECT FROM ringfence.tenants')).toEqual([]);
  });
});
