import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliProject, ENGINE_TIMEOUT_MS, openCliProject, prepareEngine } from '../support/cli.js';

const SLUG = 'vigilada';
const CELL = 'shared-eu-central-1';
const USER = '0b7e3f5a-2c41-4d8e-9a10-6f5d4c3b2a19';

let project: CliProject;

beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);
beforeAll(async () => {
  project = openCliProject();
  project.manifest(SLUG);
  await project.deploy();
  expect((await project.run(['demo', 'load', SLUG, '--patients', '20'])).status).toBe(0);
});
afterAll(async () => {
  expect(await project.purge()).toEqual([]);
});

const status = async (args: readonly string[]): Promise<string> => {
  const { status: code, stderr } = await project.run(args);
  return `${code} ${stderr.trim().split('\n')[0]}`;
};

test('the audit log is queried, verified and exported, and an edit is found', async () => {
  const events = await project.json<{ actor: string; subject: string }[]>([
    'audit',
    'query',
    SLUG,
    '--limit',
    '5',
  ]);
  expect(events).toHaveLength(5);
  expect(events[0]?.actor).toMatch(/^administrator:/);
  const anonymous = await project.json<{ actor: string }[]>(['audit', 'query', SLUG, '--anonymous']);
  expect(anonymous[0]?.actor).toMatch(/^administrator:[0-9a-f]{12}$/);

  const sound = await project.json<{ events: number; problems: unknown[] }>(['audit', 'verify', SLUG]);
  expect(sound.problems).toEqual([]);
  expect(sound.events).toBeGreaterThan(20);
  const file = join(project.root, 'audit.jsonl');
  expect(await status(['audit', 'export', 'nobody', '--out', file])).toMatch(/^6 /);
  // What failed a moment ago left nothing in the way. Paths are relative to the folder of -C, wherever that stands.
  const elsewhere = { cwd: '/' };
  const out = ['--out', 'audit.jsonl'];
  const exported = await project.run(['-C', project.root, 'audit', 'export', SLUG, ...out], elsewhere);
  expect(exported).toMatchObject({ status: 0, stderr: '' });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(
    await project.json(['audit', 'verify', '--file', 'audit.jsonl', '-C', project.root], elsewhere),
  ).toMatchObject({
    events: sound.events,
    problems: [],
  });
  expect(await status(['audit', 'export', SLUG, '--out', file])).toMatch(/^2 .*exists already/);
  const copy = join(project.root, 'edited.jsonl');
  writeFileSync(copy, readFileSync(file, 'utf8').replace('clinical.patients', 'clinical.services'));
  expect((await project.run(['audit', 'verify', '--file', copy])).status).toBe(5);
  writeFileSync(copy, 'no export');
  expect(await status(['audit', 'verify', '--file', copy])).toMatch(/^5 .*no whole audit export/);
  expect(await status(['audit', 'verify', '--file', join(project.root, 'absent')])).toMatch(/^2 /);
  expect(await status(['audit', 'verify'])).toMatch(/^2 /);
  expect(await status(['audit', 'query', 'nobody'])).toMatch(/^6 /);

  await project.cell(
    CELL,
    `UPDATE clinical.audit_events SET subject = 'nothing' WHERE subject = 'clinical.patients'`,
  );
  const found = await project.run(['audit', 'verify', SLUG]);
  expect(found.status).toBe(5);
  expect(found.stdout).toMatch(/event \d+ edited/);
});

test('support is let in for a reason and a time, and its clinics are told', async () => {
  const grant = ['support', 'grant', SLUG, '--user', USER];
  expect(await status([...grant, '--reason', 'why not'])).toMatch(/^2 .*reason/);
  expect(await status([...grant, '--reason', 'ticket 4711: printer', '--minutes', '481'])).toMatch(
    /^2 .*480/,
  );
  expect(
    await status(['support', 'grant', SLUG, '--user', 'me', '--reason', 'ticket 4711: printer']),
  ).toMatch(/^2 /);
  const given = await project.json<{ id: string; userId: string }>([
    ...grant,
    '--reason',
    'ticket 4711: printer',
  ]);
  expect(given.userId).toBe(USER);
  await project.json(['support', 'revoke', SLUG, given.id]);
  const [listed] = await project.json<{ id: string; revokedAt: string | null }[]>(['support', 'list', SLUG]);
  expect(listed).toMatchObject({ id: given.id, revokedAt: expect.any(String) });
  expect(await status(['support', 'revoke', SLUG, USER])).toMatch(/^6 /);
  const told = await project.json<{ subject: string; detail: object }[]>([
    'audit',
    'query',
    SLUG,
    '--action',
    'support',
  ]);
  expect(told.map(({ subject }) => subject)).toEqual(['revoked', 'granted']);
  expect(told[1]?.detail).toMatchObject({
    reason: 'ticket 4711: printer',
    caller: { door: 'cli', correlationId: expect.any(String) },
  });
  expect(JSON.stringify(told.map(({ detail }) => detail))).not.toContain(userInfo().username);
});

test('quotas are shown, set in the manifest and deployed; a bad one changes nothing', async () => {
  const before = await project.json<{ limits: { rows: number }; used: { rows: number } }>([
    'quotas',
    'show',
    SLUG,
  ]);
  expect(before.used.rows).toBeGreaterThan(100);
  const path = join(project.root, 'tenants', `${SLUG}.yaml`);
  const text = readFileSync(path, 'utf8');
  expect(await status(['quotas', 'set', SLUG, 'rows=1', '-y'])).toMatch(/^2 .*rows/);
  expect(await status(['quotas', 'set', SLUG, 'lines=5', '-y'])).toMatch(/^2 .*sets no quota/);
  expect(await status(['quotas', 'set', SLUG, 'rows=750000'])).toMatch(/^2 /);
  expect(readFileSync(path, 'utf8')).toBe(text);

  await project.json(['quotas', 'set', SLUG, 'rows=750000', 'requestsPerMinute=600', '-y']);
  expect(readFileSync(path, 'utf8')).toContain('rows: 750000');
  const after = await project.json<{ limits: object }>(['quotas', 'show', SLUG]);
  expect(after.limits).toMatchObject({ rows: 750000, requestsPerMinute: 600 });
  const [usage] = await project.json<{ slug: string; nearest: string }[]>(['quotas', 'usage']);
  expect(usage?.slug).toBe(SLUG);
});

test('a suspended tenant is refused at once, and let in again', async () => {
  const entered = async () => {
    const doors = await project.cell<{ open: boolean }>(CELL, 'SELECT open FROM ringfence_private.doors');
    return doors.map(({ open }) => open);
  };
  expect(await status(['tenants', 'suspend', SLUG])).toMatch(/^2 .*reason/);
  await project.json(['tenants', 'suspend', SLUG, '--reason', 'invoice 12 unpaid', '-y']);
  expect(await entered()).toEqual([false]);
  const [tenant] = await project.json<{ state: string }[]>(['tenants', 'list']);
  expect(tenant?.state).toBe('suspended');
  expect((await project.run(['backups', 'run', SLUG])).status).toBe(0);
  project.manifest(SLUG, { legalName: 'Otra Clínica, S.L.' });
  const applied = await project.run(['tenants', 'apply', SLUG, '-y']);
  expect(`${applied.status} ${applied.stderr}`).toMatch(/^1 [\s\S]*is suspended[\s\S]*tenants resume/);
  await project.json(['tenants', 'resume', SLUG, '--reason', 'paid']);
  expect(await entered()).toEqual([true]);
  const told = await project.json<{ action: string }[]>(['audit', 'query', SLUG, '--limit', '2']);
  expect(told.map(({ action }) => action)).toEqual(['resumed', 'suspended']);
});

test('subscriptions start as a trial, go their allowed steps, and hold at once', async () => {
  const [trial] = await project.json<{ status: string }[]>(['subscriptions', 'show', SLUG]);
  expect(trial?.status).toMatch(/TRIAL|ACTIVE/);
  await project.json(['subscriptions', 'set', SLUG, 'ACTIVE']);
  const until = new Date(Date.now() - 86_400_000).toISOString();
  const [due] = await project.json<{ readableUntil: string | null; writableUntil: string | null }[]>([
    'subscriptions',
    'set',
    SLUG,
    'PAST_DUE',
    '--until',
    until,
  ]);
  expect(Date.parse(due?.writableUntil ?? '')).toBe(0);
  expect(Date.parse(due?.readableUntil ?? '')).toBe(Date.parse(until) + 14 * 86_400_000);
  expect(await status(['subscriptions', 'set', SLUG, 'TRIAL'])).toMatch(/^1 .*cannot become TRIAL/);
  expect(await status(['subscriptions', 'set', SLUG, 'PAID'])).toMatch(/^2 /);
  expect(await status(['subscriptions', 'set', SLUG, 'ACTIVE', '--clinic', 'nowhere'])).toMatch(
    /^6 .*choose from|^6 /,
  );
  await project.json(['subscriptions', 'set', SLUG, 'EXPIRED']);
  expect((await project.run(['backups', 'run', SLUG])).status).toBe(0);
  await project.deploy();
  await project.json(['subscriptions', 'set', SLUG, 'ACTIVE']);
});

test('what a manifest asks of people who sign in is where applications find it', async () => {
  project.manifest(SLUG, {
    security: { mfaRequired: true, sessionMinutes: 480, allowedNetworks: ['192.0.2.0/24'] },
  });
  await project.json(['tenants', 'apply', SLUG, '--why', 'the law asks for it', '-y']);
  const [last] = await project.json<{ number: number }[]>(['deployments', 'list', SLUG]);
  expect(last).toMatchObject({ outcome: 'done', why: 'the law asks for it', door: 'cli' });
  const { changes } = await project.json<{ changes: { path: string }[] }>(['deployments', 'diff', SLUG]);
  expect(changes).toContainEqual({ path: 'security.sessionMinutes', before: null, after: 480 });
  expect(await project.json(['deployments', 'show', SLUG, '--number', String(last?.number)])).toMatchObject({
    inputs: { slug: SLUG, security: { mfaRequired: true } },
  });
  expect(await status(['deployments', 'show', SLUG, '--number', '99'])).toMatch(/^6 .*no deployment 99/);
  expect(await project.json(['deployments', 'list', '--cell', CELL])).toMatchObject([{ outcome: 'done' }]);
  const [row] = await project.control<{ security: object }>('SELECT security FROM control.tenants');
  expect(row?.security).toEqual({
    mfaRequired: true,
    sessionMinutes: 480,
    allowedNetworks: ['192.0.2.0/24'],
  });
  project.manifest(SLUG, { security: { allowedNetworks: ['192.0.2.0/33'] } });
  expect(await status(['tenants', 'apply', SLUG, '-y'])).toMatch(/^2 .*is not a network/);
});

test('a tenant goes back to what an earlier deployment was, and the manifest that says otherwise is named', async () => {
  interface Rollback {
    readonly changes: { path: string }[];
    readonly stays: string[];
    readonly deployed: boolean;
    readonly undoneByApply: { path: string }[];
  }
  const deployments = () =>
    project.json<{ number: number; why: string | null }[]>(['deployments', 'list', SLUG]);
  const sessionMinutes = async () =>
    (
      await project.control<{ minutes: number | null }>(
        `SELECT (security ->> 'sessionMinutes')::int AS minutes FROM control.tenants`,
      )
    )[0]?.minutes;
  project.manifest(SLUG, { security: { sessionMinutes: 480 } });
  await project.json(['tenants', 'apply', SLUG, '-y']);
  const [before] = await deployments();
  project.manifest(SLUG, { security: { sessionMinutes: 60 } });
  await project.json(['tenants', 'apply', SLUG, '-y']);
  const back = ['deployments', 'rollback', SLUG, '--to', String(before?.number)];
  const shown = await project.json<Rollback>([...back, '--dry-run']);
  expect(shown).toMatchObject({ deployed: false, stays: [] });
  expect(shown.changes).toEqual([{ path: 'security.sessionMinutes', before: 60, after: 480 }]);
  expect([await status(back), await sessionMinutes()]).toEqual([expect.stringMatching(/^2 /), 60]);
  const done = await project.json<Rollback>([...back, '-y']);
  expect(done).toMatchObject({ deployed: true, undoneByApply: [{ path: 'security.sessionMinutes' }] });
  expect(await sessionMinutes()).toBe(480);
  expect((await deployments())[0]).toMatchObject({ why: `back to deployment ${before?.number}` });
  expect(await project.json(['tenants', 'preview', SLUG])).toMatchObject({
    tenants: [{ slug: SLUG, why: [{ part: 'manifest' }], preview: { unaffected: false } }],
  });
  expect(await project.json([...back, '-y'])).toMatchObject({ deployed: false, changes: [] });
  expect(await status(['deployments', 'rollback', SLUG])).toMatch(/^2 .*--to/s);
  expect(await status(['deployments', 'rollback', SLUG, '--to', '99', '-y'])).toMatch(
    /^6 .*no deployment 99/s,
  );
  expect(await status(['deployments', 'rollback', 'nobody', '--to', '1'])).toMatch(/^6 /);
});

test('what tenants cost is nothing on this machine, and what the operator says after that', async () => {
  interface Costs {
    readonly tenants: { tenant: string; microEur: number; cells: { cell: string; by: string }[] }[];
    readonly cells: { cell: string; microEur: number }[];
  }
  const { tenants, cells } = await project.json<Costs>(['tenants', 'cost']);
  expect(tenants).toMatchObject([{ tenant: SLUG, microEur: 0, cells: [{ cell: CELL, by: 'alone' }] }]);
  expect(cells).toMatchObject([{ cell: CELL, microEur: 0 }]);
  await project.cell(CELL, `INSERT INTO ringfence.prices VALUES ('cellMonth.small', 12.5)`);
  const { stdout } = await project.run(['tenants', 'cost', SLUG]);
  expect(stdout).toMatch(new RegExp(`${SLUG} +12.50 +${CELL} +12.50 +all of it`));
  expect(stdout).toContain('cellMonth.small of ringfence.prices in the cell');
  project.manifest('propia', { tier: 'dedicated', region: 'eu-west-1' });
  const preview = await project.run(['tenants', 'preview', 'propia']);
  expect(preview.stdout).toContain('  cost: +0.00 EUR a month  [cell]');
  writeFileSync(join(project.root, 'prices.json'), '{}');
  expect(await status(['tenants', 'cost'])).toMatch(/^2 .*prices.json is no price table/);
});
