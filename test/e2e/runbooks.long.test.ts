import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tenantDigest } from '../../data-plane/backup/tenant/digest.js';
import { cellCredentials } from '../../data-plane/database/cell-credentials.js';
import { withConnection } from '../../data-plane/database/connect.js';
import { runningLocalServer } from '../../data-plane/database/server/local-server.js';
import {
  type CliProject,
  ENGINE_TIMEOUT_MS,
  filesBelow,
  names,
  openCliProject,
  prepareEngine,
} from '../support/cli.js';
import { loseFolder } from '../support/lose-folder.js';

const PAGE = readFileSync(
  join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'docs', 'operations.md'),
  'utf8',
);
const SLUG = 'clinica-norte';
const GONE = 'clinica-sur';
const CELL = 'shared-eu-central-1';

let project: CliProject;
let tenantId = '';

beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);
beforeAll(async () => {
  project = openCliProject();
  project.manifest(SLUG);
  project.manifest(GONE);
  await project.deploy();
  await project.json(['demo', 'load', SLUG, '--patients', '10']);
  await project.json(['backups', 'run', SLUG]);
  const [tenant] = await project.control<{ id: string }>('SELECT id FROM control.tenants WHERE slug = $1', [
    SLUG,
  ]);
  tenantId = tenant?.id ?? '';
});
afterAll(async () => {
  expect(await project.purge()).toEqual([]);
});

/** The commands of a section of docs/operations.md, a list for each block of shell. */
const runbook = (title: string): string[][] => {
  const section = PAGE.split(/^#{2,3} /m).find((part) => part.startsWith(`${title}\n`)) ?? '';
  const blocks = [...section.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block);
  expect(blocks.length, title).toBeGreaterThan(0);
  return blocks.map((block) =>
    block
      .split('\n')
      .map((line) => line.replace(/\s+#.*$/, '').trim())
      .filter((line) => line !== ''),
  );
};

/** Types the commands as they stand there; folders that the page only gives as examples are replaced. */
const follow = async (
  lines: readonly string[],
  folders: Readonly<Record<string, string>> = {},
): Promise<void> => {
  for (const line of lines) {
    const words = line.split(/\s+/).map((word) => folders[word] ?? word);
    if (words[0] === 'rm') {
      for (const path of words.slice(2)) rmSync(join(project.root, path), { recursive: true, force: true });
      continue;
    }
    expect(words.slice(0, 2)).toEqual(['npx', 'ringfence']);
    const { status, stderr } = await project.run(words.slice(2));
    expect([line, status, stderr.match(/error.*/)?.[0]]).toEqual([line, 0, undefined]);
  }
};

const refused = async (args: readonly string[], status: number, words: RegExp): Promise<void> => {
  const result = await project.run(args);
  expect([args.join(' '), result.status, result.stderr + result.stdout]).toEqual([
    args.join(' '),
    status,
    expect.stringMatching(words),
  ]);
};
const dataDir = (name: string): string =>
  project.servers().find((server) => server.name === name)?.dataDir ?? '';
const stop = async (): Promise<void> => {
  expect((await project.run(['cells', 'down'])).status).toBe(0);
};
const running = () => {
  const server = runningLocalServer(join(project.home, 'cells', CELL));
  if (!server) throw new Error('the cell does not run');
  return { ...server, database: 'ringfence' };
};
/** With the passwords of the file that applications read. */
const asApplication = () => {
  const { appPassword } = cellCredentials(join(project.home, 'cells', CELL));
  return withConnection(
    { ...running(), user: 'ringfence_app', password: appPassword },
    async () => 'lets in',
  );
};
/** What the tenant has in the cell, without its audit log, which tells of the repairs. */
const rowsNow = async () => {
  await project.json(['quotas', 'show', SLUG]);
  const { tables } = await tenantDigest(running(), tenantId);
  return tables.filter(({ table }) => table !== 'clinical.audit_events');
};

test('the control database is lost', async () => {
  const before = await rowsNow();
  await stop();
  loseFolder(dataDir('control'));
  await refused(['tenants', 'list'], 4, /data_lost.*ringfence control restore/s);
  await refused(['tenants', 'add', SLUG, '-y'], 4, /data_lost/);
  await refused(['doctor'], 4, /fail +control/);
  for (const lines of runbook('The control database is lost')) await follow(lines);
  expect(await project.json(['tenants', 'list'])).toMatchObject([
    { slug: SLUG, id: tenantId },
    { slug: GONE },
  ]);
  expect(await rowsNow()).toEqual(before);
  expect(await project.json(['control', 'backup', '--history-days', '9'])).toMatchObject({ base: false });
  expect(await project.json(['control', 'status'])).toMatchObject({ overdue: false, historyDays: 9 });
});

test('a cell is down and has a replica', async () => {
  await project.json(['cells', 'up', CELL, '--replicas', '1']);
  const before = await rowsNow();
  const lag = () => project.json(['cells', 'status', CELL]);
  await expect.poll(lag).toMatchObject({ replica: { state: 'streaming', lagBytes: 0 } });
  const given = dataDir(CELL);
  process.kill(project.servers().find(({ name }) => name === CELL)?.pid ?? 0, 'SIGKILL');
  rmSync(given, { recursive: true });
  await refused(['tenants', 'show', SLUG], 4, /data_lost.*cells failover/s);
  await refused(['cells', 'restore', CELL, '--yes'], 1, /has a replica/);
  await refused(['cells', 'failover', CELL, '--yes'], 2, /may be lost/);
  for (const lines of runbook('A cell is down and has a replica')) await follow(lines);
  expect(await rowsNow()).toEqual(before);
  await project.json(['cells', 'up', CELL, '--replicas', '0']);
});

test('the control database is an older one: of before a rotation', async () => {
  await stop();
  const [folder, copy] = [dirname(dataDir('control')), join(project.root, 'older')];
  execFileSync('cp', ['-a', folder, copy]);
  expect(await project.json(['keys', 'rotate', SLUG, '--settle', '1'])).toMatchObject({ keyVersion: 2 });
  await stop();
  rmSync(folder, { recursive: true });
  execFileSync('mv', [copy, folder]);

  await refused(['doctor'], 4, /fail +control/);
  for (const command of [
    ['backups', 'run', SLUG],
    ['keys', 'rotate', SLUG, '--settle', '1'],
    ['holds', 'add', SLUG, '--reason', 'x'],
    ['tenants', 'remove', SLUG, '--yes'],
  ])
    await refused(command, 5, /control_outdated.*control restore/s);
  for (const lines of runbook('The control database is an older one')) await follow(lines);
  // What was put aside has the other tenant's key, which an erasure would find.
  for (const name of names(folder).filter((one) => one.includes('.kept-')))
    rmSync(join(folder, name), { recursive: true });
  expect(await project.json(['keys', 'rotate', SLUG, '--settle', '1'])).toMatchObject({ keyVersion: 3 });
  expect(await project.json(['backups', 'run', SLUG])).toMatchObject({ verified: true });
});

test('the state or the passphrase is lost', async () => {
  const [anew = [], withoutPassphrase = []] = runbook('The state or the passphrase is lost');
  rmSync(join(project.home, 'state'), { recursive: true });
  await follow(anew);
  rmSync(join(project.home, 'passphrase'));
  await refused(['doctor'], 4, /fail +passphrase/);
  await refused(['cells', 'up'], 3, /passphrase_lost/);
  await follow(withoutPassphrase);
});

test('rows were deleted, and a tenant was removed, by accident', async () => {
  const before = await rowsNow();
  await project.cell(CELL, 'DELETE FROM clinical.invoice_lines');
  for (const lines of runbook('Rows were deleted by accident')) await follow(lines);
  expect(await rowsNow()).toEqual(before);
  await project.json(['tenants', 'remove', SLUG, '--yes']);
  for (const lines of runbook('A tenant was removed by accident')) await follow(lines);
  expect(await rowsNow()).toEqual(before);
});

test('a cell lost its data', async () => {
  await project.json(['backups', 'base', CELL]);
  // After the base backup, which has the passwords of before.
  expect((await project.run(['cells', 'rotate-credentials', CELL, '--yes'])).status).toBe(0);
  const before = await rowsNow();
  loseFolder(dataDir(CELL));
  for (const command of [
    ['tenants', 'show', SLUG],
    ['cells', 'up'],
    ['tenants', 'apply', SLUG, '--yes'],
  ])
    await refused(command, 4, new RegExp(`data_lost.*ringfence cells restore ${CELL}`, 's'));
  expect(await project.json(['cells', 'list'])).toMatchObject([{ name: CELL, state: 'lost' }]);
  for (const lines of runbook('A cell lost its data')) await follow(lines);
  expect(await rowsNow()).toEqual(before);
  expect(await asApplication()).toBe('lets in');
  expect(await project.json(['cells', 'status', CELL])).toMatchObject({ database: { archiving: 'on' } });
});

test('the machine is lost; an erased tenant does not come back, also not with a control database of before', async () => {
  const erasedAt = new Date().toISOString();
  const { tenantId: gone } = await project.json<{ tenantId: string }>([
    ...['tenants', 'erase', GONE, '--reason', 'cierra', '--wait-days', '0', '--yes'],
  ]);
  expect(await project.json(['control', 'restore', '--to', erasedAt, '--yes'])).toMatchObject({
    erased: [{ tenantId: gone }],
    left: [],
  });
  await refused(['tenants', 'show', GONE], 6, /tenant_erased/);
  await project.json(['backups', 'run', SLUG]);
  const before = await rowsNow();

  const backup = mkdtempSync(join(tmpdir(), 'ringfence-kept-'));
  for (const folder of ['objects', 'keyring'])
    cpSync(join(project.home, folder), join(backup, folder), { recursive: true });
  expect(await project.purge()).toEqual([]);
  project = openCliProject();
  const folders = { '/backup/objects': join(backup, 'objects'), '/backup/keyring': join(backup, 'keyring') };
  const [lines = []] = runbook('The machine is lost');
  const recover = (lines[0] ?? '')
    .split(/\s+/)
    .slice(2)
    .map((word) => folders[word as keyof typeof folders] ?? word);
  const killed = await project.run(recover, { env: { RINGFENCE_CRASH_AT: 'restore:enrol' } });
  expect(killed.signal).toBe('SIGKILL');
  await refused(['doctor'], 4, /`ringfence\s+recover`\s+was\s+begun/);
  const differing = project.manifest(SLUG, { legalName: 'Otra, S.L.' });
  const recovered = await project.run(recover);
  expect([recovered.status, recovered.stdout]).toEqual([
    0,
    expect.stringContaining(`NOT AS DEPLOYED: ${differing}`),
  ]);
  project.manifest(SLUG);
  await follow(lines.slice(1), folders);
  expect(await rowsNow()).toEqual(before);
  await refused(['tenants', 'show', GONE], 6, /tenant_erased/);
  await refused(recover, 1, /conflict.*has a project already/s);
  rmSync(backup, { recursive: true });
});

test('its backup has a gap: it comes back as far as that goes, and the rest from the objects', async () => {
  const log = () =>
    filesBelow(join(project.home, 'objects', 'control')).filter((path) =>
      /\/[0-9A-F]{24}\.gz\/\w+\.sealed$/i.test(path),
    );
  await project.json(['control', 'backup', '--base']);
  const before = log();
  await project.json(['holds', 'add', SLUG, '--reason', 'before the gap']);
  await project.json(['control', 'backup']);
  const [gap = ''] = log().filter((path) => !before.includes(path));
  await project.json(['backups', 'run', SLUG]);
  await project.json(['control', 'backup']);
  const rows = await rowsNow();
  await stop();
  loseFolder(dirname(dataDir('control')));
  rmSync(gap);
  await refused(['control', 'restore'], 5, /LOST of the control database's backup: [0-9A-F]{24}/);
  expect(await rowsNow()).toEqual(rows);
  expect((await project.run(['doctor'])).status).toBe(0);
});

test('no backup of the control database is left: the catalogue comes back from the archives', async () => {
  const before = await rowsNow();
  await stop();
  const folder = dirname(dataDir('control'));
  for (const path of [folder, join(project.home, 'control'), join(project.home, 'objects', 'control')])
    rmSync(path, { recursive: true, force: true });
  expect(await project.json(['control', 'restore'])).toMatchObject({
    source: { kind: 'nothing' },
    tenants: [SLUG],
    left: [],
  });
  expect(await project.json(['tenants', 'list'])).toMatchObject([{ slug: SLUG, id: tenantId }]);
  expect((await project.run(['tenants', 'apply', SLUG, '-y'])).status).toBe(0);
  expect(await rowsNow()).toEqual(before);
});

test('moving to another folder', async () => {
  for (const lines of runbook('Moving to another machine')) await follow(lines);
  const moved = `${project.root}-moved`;
  renameSync(project.root, moved);
  const listed = await project.run(['tenants', 'show', SLUG], { cwd: moved });
  expect([listed.status, listed.stderr]).toEqual([0, '']);
  expect((await project.run(['cells', 'down'], { cwd: moved })).status).toBe(0);
  mkdirSync(dirname(project.root), { recursive: true });
  renameSync(moved, project.root);
});
