import { execFileSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliProject, ENGINE_TIMEOUT_MS, openCliProject, prepareEngine } from '../support/cli.js';

const SLUG = 'clinica-norte';
const GONE = 'clinica-sur';
const CELL = 'shared-eu-central-1';
const COUNT = 'SELECT count(*)::int AS patients FROM clinical.patients';

let project: CliProject;
let tenantId = '';

beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);
beforeAll(async () => {
  project = openCliProject();
  project.manifest(SLUG);
  project.manifest(GONE);
  await project.deploy();
  await project.json(['demo', 'load', SLUG, '--patients', '20']);
  await project.json(['backups', 'run', SLUG]);
  const [tenant] = await project.control<{ id: string }>('SELECT id FROM control.tenants WHERE slug = $1', [
    SLUG,
  ]);
  tenantId = tenant?.id ?? '';
});
afterAll(async () => {
  expect(await project.purge()).toEqual([]);
});

const controlData = (): string =>
  project.servers().find(({ name }) => name === 'control')?.dataDir ?? join(project.home, 'control', 'data');
const stop = async (): Promise<void> => {
  expect((await project.run(['cells', 'down'])).status).toBe(0);
};
const refused = async (args: readonly string[], status: number, words: RegExp): Promise<void> => {
  const result = await project.run(args);
  expect([args.join(' '), result.status, result.stderr + result.stdout]).toEqual([
    args.join(' '),
    status,
    expect.stringMatching(words),
  ]);
};
/** All that the control plane keeps of its own database on this machine. */
const loseControl = async (): Promise<void> => {
  await stop();
  rmSync(dirname(controlData()), { recursive: true, force: true });
  rmSync(join(project.home, 'control'), { recursive: true, force: true });
};
const restoreControl = (...more: string[]) =>
  project.json<{
    source: { kind: string };
    keys: number;
    backups: number;
    tenants: string[];
    erased: string[];
    left: unknown[];
  }>(['control', 'restore', '--yes', ...more]);

test('a control database that is lost stops every command, and comes back with all that was done', async () => {
  await stop();
  rmSync(controlData(), { recursive: true });
  await refused(['tenants', 'list'], 4, /data_lost.*ringfence control restore/s);
  await refused(
    ['tenants', 'add', '-f', join(project.root, 'tenants', `${SLUG}.yaml`), '-y'],
    4,
    /data_lost/,
  );
  await refused(['cells', 'up'], 4, /data_lost/);
  await refused(['doctor'], 4, /fail +control/);

  expect(await restoreControl()).toMatchObject({ source: { kind: 'backup' }, backups: 0, left: [] });
  const listed = await project.json<{ slug: string; id: string }[]>(['tenants', 'list']);
  expect(listed).toMatchObject([{ slug: SLUG, id: tenantId }, { slug: GONE }]);
  expect(await project.json(['control', 'status'])).toMatchObject({ overdue: false });
});

test('a control database of before a rotation is told from the rows, and takes the key over', async () => {
  await stop();
  const [data, copy] = [dirname(controlData()), join(project.root, 'older')];
  execFileSync('cp', ['-a', data, copy]);
  expect(await project.json(['keys', 'rotate', SLUG, '--settle', '1'])).toMatchObject({ keyVersion: 2 });
  await stop();
  rmSync(data, { recursive: true });
  execFileSync('mv', [copy, data]);

  await refused(['backups', 'run', SLUG], 5, /keys_differ.*asks for version 2/s);
  await refused(['keys', 'rotate', SLUG, '--settle', '1'], 5, /keys_differ.*has key version 2/s);
  await refused(['doctor'], 4, /fail +rows/);
  await refused(['isolation', 'test', '--scenario', 'wrong-key'], 5, /rows-open.*asks for version 2/s);
  expect(await project.json(['control', 'reconcile'])).toMatchObject({ keys: 1 });
  expect(await project.json(['backups', 'run', SLUG])).toMatchObject({ verified: true });
});

test('without any backup of it the catalogue comes back from the archives, and an erased tenant does not', async () => {
  const before = new Date().toISOString();
  const { tenantId: gone } = await project.json<{ tenantId: string }>([
    ...['tenants', 'erase', GONE, '--reason', 'cierra', '--wait-days', '0', '--confirm', GONE],
  ]);
  expect(await restoreControl('--to', before)).toMatchObject({ erased: [gone], left: [] });
  await refused(['tenants', 'show', GONE], 6, /tenant_erased/);

  await loseControl();
  rmSync(join(project.home, 'objects', 'control'), { recursive: true });
  rmSync(join(project.home, 'keyring', 'control.json'));
  const rebuilt = await restoreControl();
  expect(rebuilt).toMatchObject({ source: { kind: 'nothing' }, tenants: [SLUG], left: [] });
  expect(await project.json<{ id: string }[]>(['tenants', 'list'])).toMatchObject([
    { slug: SLUG, id: tenantId },
  ]);
  expect((await project.run(['tenants', 'apply', SLUG, '-y'])).status).toBe(0);
  expect(await project.cell(CELL, COUNT)).toEqual([{ patients: 20 }]);
  const report = await project.json<{ tables: { deleted: number; inserted: number; updated: number }[] }>([
    'backups',
    'restore',
    SLUG,
    '--dry-run',
  ]);
  expect(report.tables.filter(({ deleted, inserted, updated }) => deleted + inserted + updated > 0)).toEqual(
    [],
  );
  expect(existsSync(join(project.home, 'keyring', 'control.json'))).toBe(true);
});
