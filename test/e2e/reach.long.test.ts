import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withConnection } from '../../data-plane/database/connect.js';
import { readRecord } from '../../data-plane/database/server/record.js';
import { type CliProject, ENGINE_TIMEOUT_MS, openCliProject, prepareEngine } from '../support/cli.js';
import { canMakeNetworks, makeNetwork, type NetworkNamespace } from '../support/network-namespace.js';

const CELL = 'shared-eu-central-1';
const SLUG = 'remota';

interface Submitted {
  readonly id: string;
  readonly kind: string;
  readonly slug: string | null;
  readonly state: string;
  readonly who: string;
  readonly login: string;
  readonly attempt: number;
  readonly exitStatus: number | null;
}

describe.skipIf(!canMakeNetworks())('A cell in a network that only the worker reaches (needs root)', () => {
  let project: CliProject;
  let network: NetworkNamespace;
  let worker: ReturnType<CliProject['start']> | undefined;

  /** One in the cell's network; the one before has ended. */
  const startWorker = async (env: Record<string, string> = {}): Promise<void> => {
    worker = project.start(['worker'], { under: network.under, env });
    await expect
      .poll(() => project.control('SELECT FROM control.workers WHERE control.is_at_work(id)'))
      .toHaveLength(1);
  };
  const submissions = () => project.json<Submitted[]>(['submissions', 'list']);
  const failure = async (args: readonly string[]) => {
    const { status, stdout } = await project.run([...args, '--json']);
    return { status, ...(JSON.parse(stdout) as { error: { code: string; fix: string } }).error };
  };

  beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);
  beforeAll(async () => {
    project = openCliProject();
    network = makeNetwork();
    project.manifest(SLUG);
    const up = ['cells', 'up', CELL];
    expect((await project.run(up)).status).toBe(0);
    // The control database stays on this machine, and a tunnel leads to it; the cell's server goes into the network.
    expect((await project.run(['cells', 'down', CELL])).status).toBe(0);
    const control = readRecord(join(project.home, 'control'));
    await network.lead(control?.port ?? 0);
    const inside = await project.run(up, { under: network.under });
    expect([inside.stderr, inside.status]).toEqual([expect.any(String), 0]);
  });
  afterAll(async () => {
    worker?.kill('SIGTERM');
    await worker?.result;
    const inside = await project.run(['cells', 'down', '--purge', '-y'], { under: network.under });
    const left = await project.purge();
    await network.close();
    expect([inside.status, left]).toEqual([0, []]);
  });

  test('is not reached from here, and says so at once when that is known', async () => {
    const record = readRecord(join(project.home, 'cells', CELL));
    const login = { user: record?.superuser ?? '', password: record?.password ?? '' };
    const here = { host: '127.0.0.1', port: record?.port ?? 0, database: 'ringfence', ...login };
    await expect(withConnection(here, async () => undefined)).rejects.toMatchObject({
      code: 'database_unavailable',
    });
    const apply = ['tenants', 'apply', SLUG, '-y'];
    expect(await failure(apply)).toMatchObject({ status: 4, code: 'database_unavailable' });
    await project.json(['cells', 'reach', CELL, 'worker']);
    expect(await failure(apply)).toMatchObject({
      status: 4,
      code: 'cell_behind_worker',
      fix: expect.stringContaining('--on-worker'),
    });
    expect(await project.json(['cells', 'status', CELL])).toMatchObject({ reach: 'worker', database: null });
  });

  test('takes nothing while no worker is at work', async () => {
    expect(await failure(['tenants', 'apply', SLUG, '-y', '--on-worker'])).toMatchObject({
      status: 4,
      code: 'worker_missing',
      fix: expect.stringContaining('ringfence worker'),
    });
    expect(await submissions()).toEqual([]);
  });

  test('gets a tenant from a worker, and from the next one where the first is killed over it', async () => {
    await startWorker({ RINGFENCE_CRASH_AT: 'add:deploy' });
    const add = ['tenants', 'add', SLUG, '-y', '--on-worker', '--json'];
    const adding = project.start(add);
    await adding.said(' is lost; another one takes it up');
    expect((await worker?.result)?.signal).toBe('SIGKILL');
    const second = await project.run(add);
    expect([second.status, JSON.parse(second.stdout).error]).toEqual([
      1,
      expect.objectContaining({
        code: 'tenant_busy',
        message: expect.stringContaining('has a submission that has not ended: tenants add, by '),
      }),
    ]);
    await startWorker();
    const { status, stdout, stderr } = await adding.result;
    expect([stderr, status]).toEqual([expect.stringContaining('which is attempt 2'), 0]);
    expect(stderr.match(/› deploy/g)).toHaveLength(2);
    expect(JSON.parse(stdout)).toMatchObject({
      slug: SLUG,
      cell: CELL,
      isolation: { leaks: 0, unproven: 0 },
    });
    const [submitted] = await submissions();
    expect(submitted).toMatchObject({ kind: 'tenants add', slug: SLUG, state: 'ended', attempt: 2 });
    const [operation] = await project.json<{ door: string; who: string; correlationId: string }[]>([
      'operations',
      'list',
    ]);
    expect(operation).toMatchObject({ door: 'worker', who: submitted?.who, correlationId: submitted?.id });
  });

  test('has its commands print and end as they do elsewhere', async () => {
    const loaded = await project.json<{ rows: number }>([
      'demo',
      'load',
      SLUG,
      '--patients',
      '3',
      '--on-worker',
    ]);
    const backup = await project.json<{ id: string; rows: number }>(['backups', 'run', SLUG, '--on-worker']);
    expect(backup.rows).toBeGreaterThanOrEqual(loaded.rows);
    const restore = ['backups', 'restore', SLUG, '--table', 'clinical.patients'];
    expect(await project.json([...restore, '--dry-run', '--on-worker'])).toMatchObject({
      backupId: backup.id,
      dryRun: true,
    });
    // Nobody has agreed to it.
    expect(await failure([...restore, '--on-worker'])).toMatchObject({
      status: 2,
      code: 'confirmation_missing',
    });
    const always = { RINGFENCE_ON_WORKER: '1' };
    const text = await project.run(['backups', 'verify', SLUG], { env: always });
    expect([text.stdout, text.status]).toEqual([expect.stringMatching(/^\S+: \d+ rows restored/), 0]);
  });

  test('has its tenant moved into another cell, and brought back', async () => {
    const promote = await project.run(['tenants', 'promote', SLUG, '-y', '--on-worker', '--json']);
    expect([promote.stderr, promote.status]).toEqual([
      expect.stringMatching(/write \{.*"tier":"dedicated".*\} into the manifest of remota/),
      0,
    ]);
    const moved = JSON.parse(promote.stdout) as { id: string; source: string; destination: string };
    expect(moved).toMatchObject({ slug: SLUG, source: CELL, destination: expect.not.stringMatching(CELL) });
    const rollback = ['operations', 'rollback', moved.id, '-y', '--on-worker'];
    expect(await project.json(rollback)).toMatchObject({ slug: SLUG, destination: CELL });
    const withdrawn = ['placements', 'withdraw', SLUG, moved.destination, '--confirm', SLUG, '--on-worker'];
    expect(await project.json(withdrawn)).toEqual([
      expect.objectContaining({ cell: moved.destination, state: 'left' }),
      expect.objectContaining({ cell: CELL, state: 'home' }),
    ]);
  });

  test('takes no command that a worker does not do, from the command line or from a row', async () => {
    expect(await failure(['audit', 'query', SLUG, '--on-worker'])).toMatchObject({
      status: 2,
      code: 'usage',
    });
    const restore = ['backups', 'restore', SLUG, '-y', '--on-worker'];
    for (const more of [
      ['--into', 'file', '--out', 'x'],
      ['--where', 'national_id=12345678Z'],
    ])
      expect(await failure([...restore, ...more])).toMatchObject({ status: 2, code: 'usage' });
    const forge = async (kind: string, request: unknown, version = '0.1.0') => {
      const id = randomUUID();
      await project.control(
        `WITH forged AS (INSERT INTO control.submissions (id, kind, request, printing, version, who)
           VALUES ($1, $2, $3, '{"json": false, "yes": true, "colors": false}', $4, 'mallory') RETURNING id)
         SELECT graphile_worker.add_job('submission', json_build_object('id', id)) FROM forged`,
        [id, kind, request, version],
      );
      return project.run(['submissions', 'watch', id]);
    };
    const known = { args: [SLUG], options: {} };
    for (const [kind, request] of [
      ['pulumi', { args: ['up'], options: {} }],
      ['backups run', { args: [SLUG, '--full'], options: {} }],
      ['backups run', { ...known, env: { PATH: '/tmp' } }],
      ['tenants add', { ...known, options: { clinic: [], file: '/etc/passwd' } }],
    ] as const)
      expect(await forge(kind, request)).toMatchObject({
        status: 2,
        stderr: expect.stringContaining('[submission_refused] this worker does not know'),
      });
    expect(await forge('backups run', known, '0.0.9')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('it was submitted by version 0.0.9, and this worker is 0.1.0'),
    });
    const [own] = await submissions();
    expect(own).toMatchObject({
      who: 'mallory',
      login: readRecord(join(project.home, 'control'))?.superuser,
    });
    await expect(
      project.control(`UPDATE control.submissions SET who = 'ana' WHERE id = $1`, [own?.id]),
    ).rejects.toMatchObject({ message: expect.any(String) });
  });

  test('takes commands from elsewhere, over a tunnel, from a login that may do nothing else', async () => {
    const password = 'sixteen letters or more';
    const { url } = await project.json<{ url: string }>(['submissions', 'allow', 'ana'], {
      env: { RINGFENCE_SUBMITTER_PASSWORD: password },
    });
    const address = new URL(url);
    address.password = password;
    const elsewhere = openCliProject();
    try {
      const env = { RINGFENCE_CONTROL_URL: address.href };
      elsewhere.manifest(SLUG, { admin: { name: 'Ana María', email: 'ana@remota.example' } });
      const apply = ['tenants', 'apply', SLUG, '-y', '--on-worker'];
      expect(await elsewhere.json(apply, { env })).toMatchObject({ slug: SLUG, cell: CELL });
      const [own] = await elsewhere.json<Submitted[]>(['submissions', 'list'], { env });
      expect(own).toMatchObject({ kind: 'tenants apply', who: 'ana', login: 'ana', exitStatus: 0 });
      expect(elsewhere.servers()).toEqual([]);
      const far = { RINGFENCE_CONTROL_URL: address.href.replace('127.0.0.1', 'control.example') };
      expect(await elsewhere.run(['submissions', 'list'], { env: far })).toMatchObject({ status: 2 });
    } finally {
      expect(await elsewhere.purge()).toEqual([]);
    }
    const asAna = {
      host: '127.0.0.1',
      port: Number(address.port),
      user: 'ana',
      password,
      database: 'control',
    };
    for (const sql of [
      'SELECT request FROM control.submissions',
      'SELECT FROM control.tenants',
      'SELECT FROM control.tenant_keys',
      `INSERT INTO control.submissions (id, kind, request, printing, version, who) VALUES (gen_random_uuid(), 'x', '{}', '{}', '1', 'y')`,
    ])
      await expect(withConnection(asAna, (client) => client.query(sql))).rejects.toMatchObject({
        code: expect.stringMatching(/refused|denied|permitted/),
      });
  });

  test('goes on without the one who submitted, who can watch again', async () => {
    const watching = project.start(['isolation', 'test', '--scenario', 'whisper', '--on-worker']);
    await watching.said('attacking cell');
    watching.kill('SIGINT');
    const { status, stderr } = await watching.result;
    expect(status).toBe(8);
    const [, id = ''] = /ringfence submissions watch (\S+)`/.exec(stderr) ?? [];
    const again = await project.run(['submissions', 'watch', id]);
    expect([again.status, again.stdout]).toEqual([0, expect.stringContaining(`${CELL}: `)]);
    expect(again.stderr).toContain('attacking cell');
  });
});
