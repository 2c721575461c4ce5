import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type CliProject, ENGINE_TIMEOUT_MS, openCliProject, prepareEngine } from '../support/cli.js';

let project: CliProject;

beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);
beforeEach(() => {
  project = openCliProject();
  git('init', '--quiet');
  project.manifest('consulta');
});
afterEach(async () => {
  expect(await project.purge()).toEqual([]);
});

const git = (...args: string[]): string =>
  execFileSync('git', args, { cwd: project.root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

const doctor = async () => {
  const { stdout } = await project.run(['doctor', '--json']);
  const { checks } = JSON.parse(stdout) as { checks: { name: string; status: string; detail: string }[] };
  return checks.find(({ name }) => name === 'git');
};

test.each([
  ['the engine itself', ['pulumi', '--', 'version']],
  ['a first cell', ['cells', 'up']],
])('%s makes .ringfence, and git add -A takes nothing of it', async (_, command) => {
  expect((await project.run(command)).status).toBe(0);
  git('add', '-A');
  expect(git('diff', '--cached', '--name-only').trim()).toBe('tenants/consulta.yaml');
  expect(await doctor()).toMatchObject({ status: 'ok' });
});

test('doctor names a missing .gitignore, and what git keeps already', async () => {
  expect((await project.run(['pulumi', '--', 'version'])).status).toBe(0);
  rmSync(join(project.home, '.gitignore'));
  expect(await doctor()).toMatchObject({ status: 'fail', detail: expect.stringContaining('would take') });
  git('add', '-A');
  writeFileSync(join(project.home, '.gitignore'), '*\n');
  expect(await doctor()).toMatchObject({ status: 'fail', detail: expect.stringContaining('git keeps') });
  git('rm', '-r', '-q', '--cached', '.ringfence');
  expect(await doctor()).toMatchObject({ status: 'ok' });
});
