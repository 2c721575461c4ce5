import { once } from 'node:events';
import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tenantDigest } from '../../data-plane/backup/tenant/digest.js';
import { runningLocalServer } from '../../data-plane/database/server/local-server.js';
import { type CliProject, ENGINE_TIMEOUT_MS, names, openCliProject, prepareEngine } from '../support/cli.js';

const HOME = 'shared-eu-central-1';
const FURTHER = 'shared-eu-west-1';
const SLUG = 'two-places';

let project: CliProject;
const ids: Record<string, string> = {};

beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);
beforeAll(async () => {
  project = openCliProject();
  project.manifest(SLUG, { sqlLogin: { reason: 'reports by their own analyst' } });
  // An id that Postgres takes, and of which no version of UUID is.
  const id = '11111111-1111-1111-1111-111111111111';
  const clinics = [{ slug: 'centro', name: 'Centro', vertical: 'dental', id } as const];
  project.manifest('neighbour', { region: 'eu-west-1', clinics });
  await project.deploy();
  for (const slug of [SLUG, 'neighbour'])
    await project.run(['demo', 'load', slug, '--patients', '3', '--seed', slug]);
  for (const { id, slug } of await project.control<{ id: string; slug: string }>(
    'SELECT id, slug FROM control.tenants',
  ))
    ids[slug] = id;
});
afterAll(async () => {
  expect(await project.purge()).toEqual([]);
});

const digest = async (slug: string, cell: string) => {
  const server = runningLocalServer(join(project.home, 'cells', cell));
  if (!server) throw new Error(`${cell} does not run`);
  const { tables } = await tenantDigest({ ...server, database: 'ringfence' }, ids[slug] ?? '');
  return tables.filter(({ table }) => table !== 'clinical.audit_events');
};
const enrolments = (cell: string) =>
  project.cell(
    cell,
    `SELECT t.fence, r.rolcanlogin AS "signsIn", (SELECT count(*)::int FROM ringfence.clinics c WHERE c.tenant_id = t.id) AS clinics,
            (SELECT count(*)::int FROM ringfence.quotas q WHERE q.tenant_id = t.id) AS quotas
       FROM ringfence.tenants t LEFT JOIN pg_roles r ON r.rolname = t.login_role WHERE t.slug = $1`,
    [SLUG],
  );
const placements = () => project.json<{ cell: string }[]>(['placements', 'list', SLUG]);
/** The cells under whose root each version of the key is wrapped; the one that applications open first. */
const wraps = async (): Promise<string[]> => {
  const rows = await project.control<{ version: number; cell: string }>(
    `SELECT version, name AS cell FROM (SELECT tenant_id, version, root_key_id, 1 AS place FROM control.tenant_keys WHERE wrapped IS NOT NULL
        UNION ALL SELECT tenant_id, version, root_key_id, 2 FROM control.tenant_key_wraps) wraps
       JOIN control.cells USING (root_key_id) WHERE tenant_id = $1 ORDER BY version, place`,
    [ids[SLUG]],
  );
  return rows.map(({ version, cell }) => `${version} ${cell}`);
};
const resources = async (): Promise<string[]> => {
  const { stdout } = await project.run(['pulumi', '--', 'stack', 'export', '-s', `tenant.${SLUG}`]);
  const { resources: known } = JSON.parse(stdout).deployment as { resources: { urn: string }[] };
  return known
    .filter(({ urn }) => urn.includes('ringfence:index:'))
    .map(({ urn }) => urn.split('::').at(-1) ?? '')
    .sort();
};
const refusal = async (args: readonly string[]) => {
  const { status, stdout } = await project.run([...args, '--json']);
  return { status, code: JSON.parse(stdout).error.code as string };
};
const unchanged = async () =>
  (await project.run(['tenants', 'preview', '--all', '--refresh', '--expect-no-changes'])).status;
const ADD = ['placements', 'add', SLUG, FURTHER];
const WITHDRAW = ['placements', 'withdraw', SLUG, FURTHER];

test('a clinic keeps the id that its manifest gives, whatever UUID that is, and is shown with it', async () => {
  expect(await project.json(['tenants', 'show', 'neighbour'])).toMatchObject({
    clinics: [{ id: '11111111-1111-1111-1111-111111111111' }],
  });
});

test('a further cell is made ready: the key under its root, an enrolment that nobody gets into; the home goes on', async () => {
  const before = { own: await digest(SLUG, HOME), neighbour: await digest('neighbour', FURTHER) };
  expect(await refusal(ADD)).toEqual({ status: 2, code: 'confirmation_missing' });
  expect(await project.json([...ADD, '--yes'])).toMatchObject([
    { cell: HOME, state: 'home', epoch: 1 },
    { cell: FURTHER, state: 'arriving', epoch: 2, region: 'eu-west-1' },
  ]);
  expect(await enrolments(HOME)).toEqual([{ fence: 'open', signsIn: true, clinics: 1, quotas: 1 }]);
  expect(await enrolments(FURTHER)).toEqual([{ fence: 'closed', signsIn: false, clinics: 1, quotas: 1 }]);
  expect(await wraps()).toEqual([`1 ${HOME}`, `1 ${FURTHER}`]);
  const copy = join(project.home, 'objects', FURTHER, ids[SLUG] ?? '', 'keys', '1.json');
  expect(JSON.parse(readFileSync(copy, 'utf8')).rootKeyId).toMatch(`local/${FURTHER}/`);
  expect(await resources()).toEqual(
    [
      'backup-schedule',
      'key',
      ...[HOME, FURTHER].flatMap((cell) => [`enrolment.${cell}`, `login.${cell}`, `quota.${cell}`]),
    ].sort(),
  );
  expect({ own: await digest(SLUG, HOME), neighbour: await digest('neighbour', FURTHER) }).toEqual(before);
  expect(await unchanged()).toBe(0);
});

test('where all of it is, is proven by the provider of the machine, and by no label', async () => {
  const look = async (env: Record<string, string> = {}) => {
    const { status, stdout } = await project.run(['tenants', 'residency', SLUG, '--json'], { env });
    const { outcome, rows } = JSON.parse(stdout) as {
      outcome: string;
      rows: { part: string; cell: string | null; declared: string; verdict: string }[];
    };
    return { status, outcome, rows: rows.map((row) => `${row.part} ${row.cell} ${row.verdict}`) };
  };
  const silent = await look();
  expect(silent).toMatchObject({ status: 1, outcome: 'unproven' });
  expect(silent.rows).toEqual(
    expect.arrayContaining([
      ...[HOME, FURTHER].flatMap((cell) => [
        `database ${cell} cannot-tell`,
        `replicas ${cell} none`,
        `history ${cell} cannot-tell`,
        `logs ${cell} cannot-tell`,
        `key-copies ${cell} cannot-tell`,
        `keys ${cell} cannot-tell`,
      ]),
      `backups ${HOME} cannot-tell`,
      `backups ${FURTHER} none`,
      'control-database null cannot-tell',
      'control-backups null cannot-tell',
      'edge null none',
    ]),
  );
  let region = 'eu-central-1';
  const service = createServer((_, response) =>
    response.end(JSON.stringify({ region, instanceId: 'i-1', availabilityZone: `${region}a` })),
  ).listen(0, '127.0.0.1');
  await once(service, 'listening');
  const { port } = service.address() as AddressInfo;
  const onEc2 = { RINGFENCE_MACHINE: 'ec2', AWS_EC2_METADATA_SERVICE_ENDPOINT: `http://127.0.0.1:${port}` };
  const proven = await look(onEc2);
  region = 'us-east-1';
  const violated = await look(onEc2);
  service.close();
  expect(proven).toMatchObject({ status: 0, outcome: 'proven' });
  expect(proven.rows).toContain(`database ${FURTHER} inside`);
  expect(violated).toMatchObject({ status: 5, outcome: 'violated' });
  expect(violated.rows).toContain(`database ${HOME} outside`);
});

test('what is not its home is closed again when somebody opens it', async () => {
  await project.cell(FURTHER, `UPDATE ringfence.tenants SET fence = 'open'`);
  const { stdout } = await project.run(['doctor']);
  expect(stdout).toContain(`${SLUG} is open in cell ${FURTHER}, and at home in ${HOME}`);
  expect(stdout).not.toContain('neighbour is open');
  expect((await project.run(['tenants', 'apply', SLUG, '--yes'])).status).toBe(0);
  expect(await enrolments(FURTHER)).toEqual([{ fence: 'closed', signsIn: false, clinics: 1, quotas: 1 }]);
});

test('what is taken away in a further cell behind its back comes again', async () => {
  await project.cell(FURTHER, `DELETE FROM ringfence.quotas WHERE tenant_id = '${ids[SLUG]}'`);
  expect((await project.run(['tenants', 'preview', SLUG, '--expect-no-changes'])).status).toBe(7);
  expect((await project.run(['tenants', 'apply', SLUG, '--yes'])).status).toBe(0);
  expect(await enrolments(FURTHER)).toEqual([{ fence: 'closed', signsIn: false, clinics: 1, quotas: 1 }]);
});

test('giving up an operation that was refused takes back no placement of another one', async () => {
  await project.json(['cells', 'up', 'taken', '--region', 'eu-west-1', '--tier', 'dedicated']);
  project.manifest('owner', { tier: 'dedicated', cell: 'taken' });
  await project.json(['tenants', 'add', 'owner', '--yes']);
  expect(await refusal(['placements', 'add', SLUG, 'taken', '--yes'])).toMatchObject({ code: 'conflict' });
  const [failed] = await project.json<{ id: string; state: string }[]>([
    'operations',
    'list',
    '--tenant',
    SLUG,
  ]);
  await project.json(['operations', 'abort', failed?.id ?? '', '--yes']);
  expect(await placements()).toMatchObject([
    { cell: HOME, state: 'home' },
    { cell: FURTHER, state: 'arriving' },
  ]);
});

test('a removal deletes nothing while a further cell cannot be looked at', async () => {
  const server = project.servers().find(({ name }) => name === FURTHER);
  await project.json(['cells', 'down', FURTHER]);
  renameSync(server?.dataDir ?? '', `${server?.dataDir}.away`);
  const before = await digest(SLUG, HOME);
  expect(await refusal(['tenants', 'remove', SLUG, '--yes'])).toMatchObject({ code: 'data_lost' });
  expect(await digest(SLUG, HOME)).toEqual(before);
  renameSync(`${server?.dataDir}.away`, server?.dataDir ?? '');
  await project.json(['cells', 'up', FURTHER]);
});

test('recovery brings back the rows at home, and the further cell with the next apply', async () => {
  const before = await digest(SLUG, HOME);
  await project.json(['backups', 'run', SLUG]);
  await project.json(['control', 'backup']);
  const root = mkdtempSync(join(tmpdir(), 'ringfence-e2e-'));
  const there = { cwd: root };
  const from = ['--from', join(project.home, 'objects'), '--keyring', join(project.home, 'keyring')];
  try {
    expect((await project.run(['recover', ...from, '--yes'], there)).status).toBe(0);
    const rows = await project.json<{ slug: string; lastVerifiedBackupAt: string }[]>(
      ['tenants', 'list'],
      there,
    );
    expect(rows.map(({ slug }) => slug)).toContain(SLUG);
    const server = runningLocalServer(join(root, '.ringfence', 'cells', HOME));
    if (!server) throw new Error('the cell does not run');
    const { tables } = await tenantDigest({ ...server, database: 'ringfence' }, ids[SLUG] ?? '');
    expect(tables.filter(({ table }) => table !== 'clinical.audit_events')).toEqual(before);
    expect((await project.run(['tenants', 'apply', '--all', '--yes'], there)).status).toBe(0);
    expect((await project.run(['doctor'], there)).stdout).not.toMatch(/where it arrives/);
  } finally {
    await project.run(['cells', 'down', '--purge', '--yes'], there);
    rmSync(root, { recursive: true, force: true });
  }
});

test('a new version of the key is wrapped for every cell that has something of the tenant', async () => {
  await project.json(['keys', 'rotate', SLUG, '--settle', '1', '--yes']);
  expect(await wraps()).toEqual([`1 ${HOME}`, `1 ${FURTHER}`, `2 ${HOME}`, `2 ${FURTHER}`]);
});

test('also for a cell that comes while the rotation waits for applications', async () => {
  await project.json([...WITHDRAW, '--confirm', SLUG]);
  const rotation = project.run(['keys', 'rotate', SLUG, '--settle', '10', '--yes']);
  await project.json([...ADD, '--yes']);
  expect((await rotation).status).toBe(0);
  expect(await wraps()).toEqual(
    [1, 2, 3].flatMap((version) => [`${version} ${HOME}`, `${version} ${FURTHER}`]),
  );
});

test('a cell outside the residency, the home, and a cell that is not there are refused, and nothing is recorded', async () => {
  await project.json(['cells', 'up', 'shared-us', '--region', 'us-east-1']);
  const known = await placements();
  const to = (cell: string) => refusal(['placements', 'add', SLUG, cell, '--yes']);
  expect(await to('shared-us')).toEqual({ status: 1, code: 'conflict' });
  expect(await to(HOME)).toEqual({ status: 1, code: 'conflict' });
  expect(await to('nowhere')).toEqual({ status: 6, code: 'cell_not_found' });
  expect(await refusal(['placements', 'withdraw', SLUG, HOME, '--confirm', SLUG])).toMatchObject({
    code: 'conflict',
  });
  expect(await placements()).toEqual(known);
});

test('it is withdrawn when its name is given: nothing of it is left there but its neighbours', async () => {
  const before = { own: await digest(SLUG, HOME), neighbour: await digest('neighbour', FURTHER) };
  expect(await refusal([...WITHDRAW, '--yes'])).toEqual({ status: 2, code: 'confirmation_missing' });
  expect(await enrolments(FURTHER)).toHaveLength(1);
  expect(await project.json([...WITHDRAW, '--confirm', SLUG])).toMatchObject([
    { cell: HOME, state: 'home', epoch: 1 },
    { cell: FURTHER, state: 'left', epoch: 3 },
  ]);
  expect(await enrolments(FURTHER)).toEqual([]);
  expect(await wraps()).toEqual([`1 ${HOME}`, `2 ${HOME}`, `3 ${HOME}`]);
  expect(names(join(project.home, 'objects', FURTHER, ids[SLUG] ?? '', 'keys'))).toEqual([]);
  expect(await resources()).toEqual([
    'backup-schedule',
    `enrolment.${HOME}`,
    'key',
    `login.${HOME}`,
    `quota.${HOME}`,
  ]);
  expect({ own: await digest(SLUG, HOME), neighbour: await digest('neighbour', FURTHER) }).toEqual(before);
  expect(await unchanged()).toBe(0);
});

test('a removed tenant that comes back to another cell opens under the root there, and its former cell is kept for its backups', async () => {
  const before = await digest(SLUG, HOME);
  await project.json(['tenants', 'remove', SLUG, '--yes']);
  project.manifest(SLUG, { region: 'eu-west-1' });
  await project.json(['tenants', 'restore-removed', SLUG, '--yes']);
  expect(await placements()).toMatchObject([
    { cell: HOME, state: 'left', epoch: 1 },
    { cell: FURTHER, state: 'home', epoch: 4 },
  ]);
  expect(await digest(SLUG, FURTHER)).toEqual(before);
  expect((await wraps()).filter((_, at) => at % 2 === 0)).toEqual(
    [1, 2, 3].map((version) => `${version} ${FURTHER}`),
  );
  expect(await refusal(['cells', 'down', HOME, '--purge', '--yes'])).toEqual({ status: 1, code: 'conflict' });
});
