import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withConnection } from '../../data-plane/database/connect.js';
import { type CliProject, ENGINE_TIMEOUT_MS, openCliProject, prepareEngine } from '../support/cli.js';
import { type ManagedPostgres, startManagedPostgres } from '../support/rds/managed-postgres.js';
import { findMoto } from '../support/rds/moto.js';
import { INSTANCE, startRds, type TestRds } from '../support/rds/use-rds.js';

const SLUG = 'clinica-vuelta';
const REGION = 'eu-central-1';
const URL_OF_CONTROL = `rds://${REGION}/${INSTANCE}`;
const PASSWORD = 'sixteen letters or more';
const program = await findMoto();

interface Restored {
  readonly source: { readonly lastCommitAt: string; readonly kept: string[] };
  readonly left: unknown[];
}

describe.skipIf(program === undefined)('A control database on Amazon RDS that comes back', () => {
  let project: CliProject;
  let postgres: ManagedPostgres;
  let rds: TestRds;
  let env: Record<string, string>;
  /** A whole second, with the tenant active. */
  let moment: Date;
  let submitter: Record<string, string>;
  const restore = (more: readonly string[] = [], variables: Record<string, string> = {}) =>
    project.run(['control', 'restore', '-y', ...more], { env: { ...env, ...variables } });
  const ask = <T>(sql: string, database = 'control') =>
    withConnection({ ...postgres.master, database }, async (client) => (await client.query(sql)).rows as T[]);
  const state = () => ask('SELECT state FROM control.tenants');
  const copiesMade = () => rds.actions.filter((action) => action === 'RestoreDBInstanceToPointInTime').length;

  beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);
  beforeAll(async () => {
    postgres = await startManagedPostgres();
    rds = await startRds(program ?? '', postgres);
    project = openCliProject();
    env = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_ENDPOINT_URL: rds.endpoint };
    const add = await project.run(['tenants', 'add', '-f', project.manifest(SLUG), '-y'], { env });
    expect(add).toMatchObject({ status: 0 });
    const allow = () =>
      project.json<{ url: string }>(['submissions', 'allow', 'ana'], {
        env: { ...env, RINGFENCE_SUBMITTER_PASSWORD: PASSWORD },
      });
    await allow();
    const up = ['control', 'up', '--rds', INSTANCE, '--region', REGION, '--ca-file', postgres.caFile];
    expect(await project.json(up, { env })).toMatchObject({ allowAgain: ['ana'] });
    const { url } = await allow();
    const address = new URL(url);
    address.password = PASSWORD;
    submitter = { RINGFENCE_CONTROL_URL: address.href, RINGFENCE_CONTROL_CA: postgres.caFile };
    moment = await wholeSecond();
    const suspend = ['tenants', 'suspend', SLUG, '--reason', 'unpaid', '-y'];
    expect(await project.run(suspend, { env })).toMatchObject({ status: 0 });
  });
  afterAll(async () => {
    rmSync(join(project.home, 'control-database.json'), { force: true });
    const left = await project.purge();
    await rds.stop();
    postgres.stop();
    expect(left).toEqual([]);
  });

  it('is refused before RDS makes anything: while others work with it, and to a folder of another project', async () => {
    const worker = { ...postgres.master, database: 'control' };
    const busy = await withConnection(worker, () => restore(['--to', moment.toISOString()]));
    expect([busy.status, busy.stderr]).toEqual([1, expect.stringContaining('others work with the control')]);
    const elsewhere = openCliProject();
    try {
      mkdirSync(join(elsewhere.home, 'control'), { recursive: true });
      writeFileSync(join(elsewhere.home, 'control', 'authorities.pem'), readFileSync(postgres.caFile));
      const id = 'c0ffee01-0000-4000-8000-000000000001';
      writeFileSync(
        join(elsewhere.home, 'project.json'),
        JSON.stringify({ format: 'ringfence-project', version: 1, id }),
      );
      const foreign = await elsewhere.run(['control', 'restore', '-y'], {
        env: { ...env, RINGFENCE_CONTROL: URL_OF_CONTROL },
      });
      expect([foreign.status, foreign.stderr]).toEqual([1, expect.stringContaining(`this one is ${id}`)]);
    } finally {
      rmSync(elsewhere.root, { recursive: true, force: true });
    }
    const here = await restore(['--generation', 'x']);
    expect([here.status, here.stderr]).toEqual([2, expect.stringContaining('whose backups RDS keeps')]);
    expect([copiesMade(), await state()]).toEqual([0, [{ state: 'suspended' }]]);
  });

  it('comes back as it was at a moment, also after runs that were killed; what was there is kept', async () => {
    const to = ['--to', moment.toISOString()];
    const half = await restore(to, { RINGFENCE_CRASH_AT: 'control-rows-carried-back' });
    expect([half.signal, await state(), rds.copy()]).toEqual([
      'SIGKILL',
      [{ state: 'suspended' }],
      `${INSTANCE}-ringfence-restore`,
    ]);
    const whole = await restore(to, { RINGFENCE_CRASH_AT: 'control-carried-back' });
    expect([whole.signal, await state(), copiesMade()]).toEqual(['SIGKILL', [{ state: 'suspended' }], 2]);
    // From now on RDS is asked for no other copy.
    const replaced = await restore([], { RINGFENCE_CRASH_AT: 'control-replaced' });
    expect([replaced.signal, await state()]).toEqual(['SIGKILL', [{ state: 'active' }]]);
    const { stdout, stderr, status } = await restore(['--json']);
    expect([stderr, status]).toEqual([expect.any(String), 0]);
    const restored = JSON.parse(stdout) as Restored;
    expect([copiesMade(), rds.copy(), restored.left]).toEqual([2, undefined, []]);
    expect(restored.source).toMatchObject({ kind: 'backup', lastCommitAt: moment.toISOString() });
    const [kept = ''] = restored.source.kept;
    const [, name = ''] = /^database (control_kept_\w+) of rds:/.exec(kept) ?? [];
    expect(await ask('SELECT state FROM control.tenants', name)).toEqual([{ state: 'suspended' }]);
    const { checks } = JSON.parse((await project.run(['doctor', '--json'], { env })).stdout) as {
      checks: { name: string; detail: string }[];
    };
    expect(checks.find((check) => check.name === 'kept')?.detail).toContain(`database ${name}`);
  });

  it('comes back where it was lost, into a folder that knows its place alone', async () => {
    await ask('DROP DATABASE control', 'postgres');
    const elsewhere = openCliProject();
    const there = { ...env, RINGFENCE_CONTROL: URL_OF_CONTROL };
    try {
      mkdirSync(join(elsewhere.home, 'control'), { recursive: true });
      writeFileSync(join(elsewhere.home, 'control', 'authorities.pem'), readFileSync(postgres.caFile));
      const lost = await elsewhere.run(['cells', 'list'], { env: there });
      expect([lost.status, lost.stderr]).toEqual([4, expect.stringContaining('ringfence control restore')]);
      for (const name of ['keyring', 'objects'])
        cpSync(join(project.home, name), join(elsewhere.home, name), { recursive: true });
      const back = ['control', 'restore', '-y', '--to', moment.toISOString()];
      const { stderr, status } = await elsewhere.run(back, { env: there });
      expect([stderr, status]).toEqual([expect.stringContaining(' rows came back'), 0]);
      expect(await state()).toEqual([{ state: 'active' }]);
    } finally {
      rmSync(elsewhere.root, { recursive: true, force: true });
    }
  });

  it('tells its place, and who reads its log', async () => {
    const { stdout } = await project.run(['tenants', 'residency', SLUG, '--json'], { env });
    const { rows } = JSON.parse(stdout) as { rows: { part: string; what: string; verdict: string }[] };
    const replicas = rows.filter(({ part, what }) => part === 'control-database' && what.includes('replica'));
    expect(replicas).toEqual([
      expect.objectContaining({
        verdict: 'none',
        evidence: expect.stringContaining('pg_replication_slots: none'),
      }),
    ]);
  });

  it('takes commands from elsewhere over verified TLS, of a login that was allowed before', async () => {
    const worker = project.start(['worker'], { env });
    await worker.said('working');
    const elsewhere = openCliProject();
    try {
      const suspend = ['tenants', 'suspend', SLUG, '--reason', 'unpaid', '-y', '--on-worker'];
      const unverified = { ...submitter, RINGFENCE_CONTROL_CA: '' };
      expect((await elsewhere.run(suspend, { env: unverified })).status).not.toBe(0);
      const done = await elsewhere.run(suspend, { env: submitter });
      expect([done.stderr, done.status]).toEqual([expect.any(String), 0]);
      expect(await state()).toEqual([{ state: 'suspended' }]);
      const [own] = await elsewhere.json<{ login: string; who: string }[]>(['submissions', 'list'], {
        env: submitter,
      });
      expect(own).toMatchObject({ kind: 'tenants suspend', who: 'ana', login: 'ana', exitStatus: 0 });
      const encrypted = await ask(
        'SELECT bool_and(ssl) AS ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE client_addr IS NOT NULL',
      );
      expect(encrypted).toEqual([{ ssl: true }]);
    } finally {
      worker.kill('SIGTERM');
      await worker.result;
      expect(await elsewhere.purge()).toEqual([]);
    }
  });
});

/** The next one, when it has passed: nothing that comes later is in it. */
const wholeSecond = async (): Promise<Date> => {
  const at = new Date(Math.ceil((Date.now() + 10) / 1000) * 1000);
  await pause(at.getTime() - Date.now() + 20);
  return at;
};
