import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type CliProject,
  ENGINE_TIMEOUT_MS,
  isAlive,
  names,
  openCliProject,
  prepareEngine,
} from '../support/cli.js';
import { leftovers } from './leftovers.js';

beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);

interface Outcome {
  slug: string;
  outcome: 'deployed' | 'unaffected' | 'failed';
  error?: { code: string };
}
const outcomes = (stdout: string): Outcome[] =>
  stdout
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Outcome)
    .sort((a, b) => (a.slug < b.slug ? -1 : 1));

/** Of a tenant's rows, by table; the audit log grows with whatever is done. */
const digests = async (project: CliProject, tenantId: string): Promise<Record<string, string>> => {
  const cell = (text: string, values: readonly unknown[] = []) =>
    project.cell<{ name: string; digest: string | null }>('shared-eu-central-1', text, values);
  const found: Record<string, string> = {};
  for (const { name } of await cell(
    `SELECT format('%I.%I', schema_name, table_name) AS name FROM ringfence.tenant_tables
      WHERE table_name <> 'audit_events'`,
  )) {
    const [row] = await cell(
      `SELECT md5(string_agg(r::text, ',' ORDER BY r::text)) AS digest FROM ${name} r
        WHERE clinic_id IN (SELECT id FROM ringfence.clinics WHERE tenant_id = $1)`,
      [tenantId],
    );
    if (row?.digest) found[name] = row.digest;
  }
  return found;
};

describe('a fresh project', () => {
  let project: CliProject;

  beforeAll(() => {
    project = openCliProject();
  });
  afterAll(async () => {
    expect(await project.purge()).toEqual([]);
  });

  test('is looked at without anything being made', async () => {
    expect(await project.json(['tenants', 'list'])).toEqual([]);
    expect(await project.json(['cells', 'list'])).toEqual([]);
    for (const command of [
      ['tenants', 'show', 'nobody'],
      ['tenants', 'remove', 'nobody', '--confirm', 'nobody'],
      ['cells', 'status', 'nothing'],
      ['cells', 'down', 'nothing'],
      ['backups', 'list', 'nobody'],
      ['schema', 'lint'],
    ]) {
      const { status, stderr } = await project.run(command);
      expect([command, status, stderr]).toEqual([command, 6, expect.stringContaining('fix:')]);
    }
    expect((await project.run(['cells', 'down'])).status).toBe(0);
    expect(names(project.home)).toEqual([]);
  });
});

describe('a project of several clinics', () => {
  let project: CliProject;
  const slugs = ['clinica-a', 'clinica-b', 'clinica-c'];

  beforeAll(() => {
    project = openCliProject();
    for (const slug of slugs) project.manifest(slug);
  });
  afterAll(async () => {
    expect(await project.purge()).toEqual([]);
  });

  test('is deployed but for those that fail, each with its reason', async () => {
    const broken = project.writeManifest('broken.yaml', 'slug: broken\nclinics: [\n');
    const homeless = project.manifest('homeless', { cell: 'no-such-cell' });
    const run = await project.run(['tenants', 'apply', '--all', '--yes', '--json']);
    expect(outcomes(run.stdout)).toMatchObject([
      ...slugs.map((slug) => ({ slug, outcome: 'deployed' })),
      { slug: 'homeless', outcome: 'failed', error: { code: 'cell_not_found' } },
    ]);
    expect(run.stderr).toContain('tenants/broken.yaml');
    expect(run.stderr).toContain('3 deployed, 0 unaffected, 2 failed');
    expect(run.status).toBe(6);
    expect(await leftovers(project, slugs)).toEqual([]);
    for (const path of [broken, homeless]) renameSync(path, `${path}.off`);
  });

  test('goes on after a kill with those that are left', async () => {
    const more = ['clinica-d', 'clinica-e', 'clinica-f'];
    for (const slug of more) project.manifest(slug);
    const all = ['tenants', 'apply', '--all', '--yes', '--concurrency', '1'];
    const killed = project.start(all);
    await killed.said('✓ clinica-d');
    killed.killGroup('SIGKILL');
    expect((await killed.result).signal).toBe('SIGKILL');

    const again = await project.run([...all, '--json']);
    expect(again.status).toBe(0);
    slugs.push(...more);
    expect(outcomes(again.stdout).map(({ slug, outcome }) => `${slug} ${outcome}`)).toEqual([
      ...['a', 'b', 'c', 'd'].map((letter) => `clinica-${letter} unaffected`),
      ...['e', 'f'].map((letter) => `clinica-${letter} deployed`),
    ]);
    expect(await leftovers(project, slugs)).toEqual([]);
  });

  test('takes a removed tenant back whole, also one that the engine had lost and that was suspended', async () => {
    await project.json(['demo', 'load', 'clinica-a', '--patients', '5']);
    await project.json(['tenants', 'suspend', 'clinica-a', '--reason', 'unpaid', '--yes']);
    const before = await project.json<{ id: string; keyVersion: number }>(['tenants', 'show', 'clinica-a']);
    const rows = await digests(project, before.id);
    expect(Object.keys(rows).length).toBeGreaterThan(5);
    const stacks = join(project.home, 'state', '.pulumi', 'stacks', 'ringfence');
    for (const name of names(stacks))
      if (name.startsWith('tenant.clinica-a.json')) rmSync(join(stacks, name));

    interface Removed {
      readonly manifest: string;
      readonly finalBackup: { readonly id: string; readonly rows: number };
    }
    const remove = ['tenants', 'remove', 'clinica-a', '--confirm', 'clinica-a'];
    const removed = await project.json<Removed>(remove);
    expect(removed.finalBackup.rows).toBeGreaterThan(0);
    expect(await digests(project, before.id)).toEqual({});
    const shown = await project.run(['tenants', 'show', 'clinica-a']);
    expect([shown.status, shown.stderr]).toEqual([6, expect.stringContaining('restore-removed clinica-a')]);
    expect(await project.json(['tenants', 'list', '--removed'])).toMatchObject([
      { slug: 'clinica-a', finalBackup: { id: removed.finalBackup.id }, backups: 2 },
    ]);
    expect(await project.json(['backups', 'list', 'clinica-a'])).toHaveLength(2);

    const back = ['tenants', 'restore-removed', 'clinica-a', '--yes'];
    renameSync(removed.manifest, `${removed.manifest}.elsewhere`);
    const gone = await project.run(back);
    expect([gone.status, gone.stderr]).toEqual([
      6,
      expect.stringContaining('tenants/clinica-a.yaml.removed'),
    ]);
    renameSync(`${removed.manifest}.elsewhere`, removed.manifest);
    await project.json(back);
    const after = await project.json<{ id: string; keyVersion: number; state: string }>([
      ...['tenants', 'show', 'clinica-a'],
    ]);
    expect(after).toMatchObject({ id: before.id, keyVersion: before.keyVersion, state: 'suspended' });
    expect(await digests(project, before.id)).toEqual(rows);
    await project.json(['tenants', 'resume', 'clinica-a', '--reason', 'paid']);
    expect(await leftovers(project, slugs)).toEqual([]);
  });

  test('is stopped and found again with all its rows', async () => {
    const servers = project.servers().map(({ pid }) => pid ?? 0);
    const listed = await project.json(['tenants', 'list']);
    const patients = await project.json(['demo', 'show', 'clinica-a']);
    expect((await project.run(['cells', 'down'])).status).toBe(0);
    expect(servers.filter(isAlive)).toEqual([]);
    expect((await project.run(['tenants', 'show', 'clinica-a'])).status).toBe(0);
    expect((await project.run(['cells', 'down'])).status).toBe(0);
    expect((await project.run(['cells', 'up'])).status).toBe(0);
    expect(await project.json(['tenants', 'list'])).toEqual(listed);
    expect(await project.json(['demo', 'show', 'clinica-a'])).toEqual(patients);
    const preview = await project.run(['tenants', 'preview', '--all', '--expect-no-changes']);
    expect([preview.status, preview.stderr]).toEqual([0, '']);
  });

  test('answers in JSON to every command, from another folder too', async () => {
    const commands = [
      ['doctor'],
      ['cells', 'list'],
      ['cells', 'status', 'shared-eu-central-1'],
      ['cells', 'up'],
      ['tenants', 'list'],
      ['tenants', 'show', 'clinica-b'],
      ['tenants', 'preview', 'clinica-b'],
      ['tenants', 'preview', '--all'],
      ['tenants', 'apply', 'clinica-b', '--yes'],
      ['schema', 'lint'],
      ['demo', 'load', 'clinica-b', '--patients', '2'],
      ['demo', 'show', 'clinica-b'],
      ['backups', 'run', 'clinica-b'],
      ['backups', 'list', 'clinica-b'],
      ['operations', 'list'],
      ['backups', 'verify', 'clinica-b'],
      ['backups', 'restore', 'clinica-b', '--dry-run'],
    ];
    for (const command of commands)
      await project
        .json([...command, '-C', project.root], { cwd: '/' })
        .then((value) => expect(value).toBeTypeOf('object'));
    process.stdout.write(`commands with --json and -C: ${commands.length} of ${commands.length}\n`);
  });
});
