import { createSign, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAccess, openLocalProject } from '../../data-plane/access/index.js';
import { tenantDigest } from '../../data-plane/backup/tenant/digest.js';
import { runningLocalServer } from '../../data-plane/database/server/local-server.js';
import { type CliProject, ENGINE_TIMEOUT_MS, openCliProject, prepareEngine } from '../support/cli.js';
import { startLanes } from '../support/lanes.js';

const SHARED = 'shared-eu-central-1';
const SLUG = 'on-the-move';
const [ISSUER, AUDIENCE] = ['https://id.example', 'https://clinic.example'];
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

let project: CliProject;
const ids: Record<string, string> = {};
let clinicId = '';
let userId = '';

beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);
beforeAll(async () => {
  project = openCliProject();
  project.manifest(SLUG, {
    plan: 'enterprise',
    sqlLogin: { reason: 'reports by their own analyst' },
    // The applications write as fast as the machine lets them.
    quotas: { requestsPerMinute: 10_000_000, computeSecondsPerDay: 8_640_000 },
  });
  project.manifest('neighbour');
  await project.deploy();
  for (const slug of [SLUG, 'neighbour'])
    await project.json(['demo', 'load', slug, '--patients', '20', '--seed', slug === SLUG ? '1' : '2']);
  for (const { id, slug } of await project.control<{ id: string; slug: string }>(
    'SELECT id, slug FROM control.tenants',
  ))
    ids[slug] = id;
  const [clinic] = await project.control<{ id: string }>(
    'SELECT id FROM control.clinics WHERE tenant_id = $1',
    [ids[SLUG]],
  );
  clinicId = clinic?.id ?? '';
  const [owner] = await project.cell<{ user_id: string }>(
    SHARED,
    `SELECT user_id FROM clinical.staff WHERE clinic_id = $1 AND role = 'owner' AND active AND user_id IS NOT NULL`,
    [clinicId],
  );
  userId = owner?.user_id ?? '';
});
afterAll(async () => {
  expect(await project.purge()).toEqual([]);
});

const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
const token = (): string => {
  const now = Math.floor(Date.now() / 1_000);
  const claims = { iss: ISSUER, aud: AUDIENCE, sub: userId, clinic_id: clinicId, iat: now, exp: now + 3_600 };
  const body = `${encode({ alg: 'ES256', typ: 'at+jwt' })}.${encode(claims)}`;
  const signature = createSign('SHA256').update(body).sign({ key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${body}.${signature.toString('base64url')}`;
};

/** An application that writes, and reads what it has written, until it is told to end. */
const startApplication = (run: string) => {
  const local = openLocalProject(project.home);
  const access = createAccess({
    directory: local.directory,
    keys: { keys: [{ ...publicKey.export({ format: 'jwk' }), kty: 'EC' }] },
    issuer: ISSUER,
    audience: AUDIENCE,
    moveWaitMs: 60_000,
  });
  const one = token();
  const end = startLanes({ access, token: () => one, clinicId, run, lanes: 3, pauseMs: 1 });
  return {
    end: async () => {
      const driven = await end();
      const waits = access.moveWaits();
      await access.close();
      await local.close();
      return { ...driven, waits };
    },
  };
};

const servicesAt = async (cell: string): Promise<string[]> =>
  (
    await project.cell<{ name: string }>(
      cell,
      `SELECT name FROM clinical.services WHERE clinic_id = $1 AND name LIKE 'lane %'`,
      [clinicId],
    )
  ).map(({ name }) => name);
const digest = async (slug: string, cell: string): Promise<string> => {
  const server = runningLocalServer(join(project.home, 'cells', cell));
  if (!server) throw new Error(`${cell} does not run`);
  return (await tenantDigest({ ...server, database: 'ringfence' }, ids[slug] ?? '')).digest;
};
const refusal = async (args: readonly string[]) => {
  const { status, stdout } = await project.run([...args, '--yes', '--json']);
  return { status, code: JSON.parse(stdout).error?.code as string };
};
const leftOfStreams = async (cell: string): Promise<unknown> =>
  project.cell(
    cell,
    `SELECT (SELECT count(*)::int FROM pg_replication_slots) AS slots, (SELECT count(*)::int FROM pg_publication) AS publications,
            (SELECT count(*)::int FROM pg_subscription) AS subscriptions, (SELECT count(*)::int FROM pg_roles WHERE rolreplication AND NOT rolsuper) AS readers`,
  );
const NOTHING = [{ slots: 0, publications: 0, subscriptions: 0, readers: 0 }];

interface Moved {
  readonly id: string;
  readonly state: string;
  readonly report: { readonly pauseMs: number; readonly checkedAfterwards: boolean; readonly rows: number };
}

test('a rehearsal says what a move would do, and leaves nothing', async () => {
  const before = await digest('neighbour', SHARED);
  const found = await project.json<{ rows: number; pauseMs: number }>([
    ...['tenants', 'promote', SLUG, '--region', 'eu-west-1', '--rehearse', '--yes'],
  ]);
  expect(found).toMatchObject({
    source: SHARED,
    destination: { name: SLUG, tier: 'dedicated' },
    leftOut: [],
  });
  expect(found.rows).toBeGreaterThan(100);
  expect(await leftOfStreams(SHARED)).toEqual(NOTHING);
  expect(await project.json<unknown[]>(['cells', 'list'])).toHaveLength(1);
  expect(await digest('neighbour', SHARED)).toBe(before);
});

test('a tenant is promoted into another region under load: every acknowledged write is there, once, and none was refused', async () => {
  const before = await digest('neighbour', SHARED);
  const application = startApplication('there');
  const moved = await project.json<Moved>(['tenants', 'promote', SLUG, '--region', 'eu-west-1', '--yes']);
  const { acknowledged, problems, waits } = await application.end();
  expect(problems).toEqual([]);
  expect(moved).toMatchObject({ state: 'window', report: { checkedAfterwards: true } });
  expect((await servicesAt(SLUG)).sort()).toEqual([...acknowledged].sort());
  expect(waits).toMatchObject({ refused: 0 });
  expect(waits.count).toBeGreaterThan(0);
  expect(await digest('neighbour', SHARED)).toBe(before);
  expect(await project.json(['placements', 'list', SLUG])).toMatchObject([
    { cell: SHARED, state: 'leaving' },
    { cell: SLUG, state: 'home', region: 'eu-west-1' },
  ]);
  expect(readFileSync(join(project.root, 'tenants', `${SLUG}.yaml`), 'utf8')).toMatch(/tier"?: "?dedicated/);
  expect((await project.run(['tenants', 'preview', '--all', '--expect-no-changes'])).status).toBe(0);
  expect((await project.run(['audit', 'verify', SLUG])).status).toBe(0);
  expect((await project.run(['schema', 'lint'])).status).toBe(0);
});

test('while the window is open, what would break the way back is refused', async () => {
  expect(await refusal(['tenants', 'remove', SLUG])).toEqual({ status: 1, code: 'conflict' });
  expect(await refusal(['tenants', 'move', SLUG, '--to', SHARED])).toEqual({ status: 1, code: 'conflict' });
  const { status } = await project.run(['cells', 'down', SHARED, '--purge', '--yes']);
  expect(status).toBe(1);
});

test('it is brought back with every write since', async () => {
  const application = startApplication('back');
  const moved = await project.json<Moved>(['tenants', 'promote', SLUG, '--rollback', '--yes']);
  const { acknowledged, problems } = await application.end();
  expect(problems).toEqual([]);
  expect(moved).toMatchObject({ state: 'window', isRollback: true, report: { checkedAfterwards: true } });
  const found = await servicesAt(SHARED);
  expect(new Set(found).size).toBeGreaterThanOrEqual(acknowledged.length);
  expect(acknowledged.filter((name) => !found.includes(name))).toEqual([]);
  expect(await digest(SLUG, SHARED)).toBe(await digest(SLUG, SLUG));
  expect((await project.run(['audit', 'verify', SLUG])).status).toBe(0);
});

test('at the end of the window nothing is left of it where it was', async () => {
  await project.json(['placements', 'withdraw', SLUG, SLUG, '--confirm', SLUG]);
  for (const cell of [SHARED, SLUG]) expect(await leftOfStreams(cell)).toEqual(NOTHING);
  expect(await project.cell(SLUG, 'SELECT FROM ringfence.tenants')).toEqual([]);
  expect(
    (await project.run(['tenants', 'preview', '--all', '--refresh', '--expect-no-changes'])).status,
  ).toBe(0);
  expect(await refusal(['tenants', 'promote', SLUG, '--rollback'])).toEqual({ status: 1, code: 'conflict' });
  expect((await project.run(['doctor'])).status).toBe(0);
});
