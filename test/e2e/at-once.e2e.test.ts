import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliProject, ENGINE_TIMEOUT_MS, openCliProject, prepareEngine } from '../support/cli.js';
import { leftovers } from './leftovers.js';

beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);

describe('two runs at once (docs/threats.md 33)', () => {
  let project: CliProject;
  const onboarded: string[] = [];

  beforeAll(() => {
    project = openCliProject();
  });
  afterAll(async () => {
    expect(await project.purge()).toEqual([]);
  });

  test('add different tenants to a fresh project, which both need the same cell', async () => {
    const slugs = ['first', 'second'];
    for (const slug of slugs) project.manifest(slug);
    const runs = await Promise.all(slugs.map((slug) => project.run(['tenants', 'add', slug, '--yes'])));
    expect(runs.map(({ status, stderr }) => [status, /error.*/.exec(stderr)?.[0]])).toEqual([
      [0, undefined],
      [0, undefined],
    ]);
    onboarded.push(...slugs);
    expect(await leftovers(project, onboarded)).toEqual([]);
  });

  test('for one tenant: the first wins, the second says that it is busy', async () => {
    project.manifest('wanted');
    const first = project.start(['tenants', 'add', 'wanted', '--yes']);
    await first.said('› deploy');
    first.kill('SIGSTOP');
    const second = await project.run(['tenants', 'add', 'wanted', '--yes', '--json']);
    first.kill('SIGCONT');
    expect(JSON.parse(second.stdout).error).toMatchObject({ code: 'tenant_busy' });
    expect(second.status).toBe(1);
    expect((await first.result).status).toBe(0);
    onboarded.push('wanted');
    expect(await leftovers(project, onboarded)).toEqual([]);
  });

  test('as many tenants at once as a run is asked for', async () => {
    const slugs = Array.from({ length: 8 }, (_, index) => `at-once-${index + 1}`);
    for (const slug of slugs) project.manifest(slug);
    // More than the control database's pool has connections: each run holds its locks to the end.
    const { status, stderr } = await project.run([
      'tenants',
      'apply',
      '--all',
      '--yes',
      '--concurrency',
      '8',
    ]);
    expect(stderr).toContain('8 deployed, 3 unaffected, 0 failed');
    expect(status).toBe(0);
    onboarded.push(...slugs);
    expect(await leftovers(project, onboarded)).toEqual([]);
  });

  test('previews of all are shown, also when one of them cannot be made', async () => {
    project.manifest('first', { region: 'eu-west-1' });
    const { status, stdout } = await project.run(['tenants', 'preview', '--all', '--json']);
    const {
      tenants,
    }: { tenants: { slug: string; preview?: { unaffected: boolean }; error?: { code: string } }[] } =
      JSON.parse(stdout);
    expect(tenants).toHaveLength(onboarded.length);
    expect(tenants.filter(({ preview }) => preview?.unaffected)).toHaveLength(onboarded.length - 1);
    expect(tenants.find(({ slug }) => slug === 'first')?.error?.code).toBe('conflict');
    expect(status).toBe(1);
    const one = await project.run(['tenants', 'preview', 'first']);
    expect(one).toMatchObject({ status: 1, stderr: expect.stringContaining('lives in eu-central-1') });
  });
});
