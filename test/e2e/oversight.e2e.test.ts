import { readFileSync, statSync, writeFileSync } from 'node:fs';
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
  expect((await project.run(['tenants', 'apply', SLUG, '-y'])).status).toBe(0);
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
  expect((await project.run(['audit', 'export', SLUG, '--out', file])).status).toBe(0);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(await project.json(['audit', 'verify', '--file', file])).toMatchObject({
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
  expect(told[1]?.detail).toMatchObject({ reason: 'ticket 4711: printer' });
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
