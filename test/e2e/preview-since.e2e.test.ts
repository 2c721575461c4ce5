import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ENGINE_TIMEOUT_MS, openCliProject, prepareEngine } from '../support/cli.js';
import { gitIn } from '../support/git-repository.js';

interface Report {
  base: { ref: string; commit: string } | null;
  tenants: {
    slug: string;
    why: { part: string; against: string; detail: string }[];
    preview?: { unaffected: boolean; changes: { action: string; type: string; changed: string[] }[] };
    error?: { code: string };
  }[];
  gone: string[];
  failures: { code: string }[];
}

const project = openCliProject();
const git = gitIn(project.root);
const STATE = join(project.home, 'state', '.pulumi', 'stacks', 'ringfence');

beforeAll(async () => {
  await prepareEngine();
  for (const slug of ['uno', 'dos', 'tres']) project.manifest(slug);
  writeFileSync(join(project.root, '.gitignore'), '.ringfence\n');
  git('init', '--quiet');
  git('add', '-A');
  git('commit', '--quiet', '-m', 'begin');
  await project.deploy();
}, ENGINE_TIMEOUT_MS);
afterAll(async () => {
  expect(await project.purge()).toEqual([]);
});

const since = async (...more: string[]): Promise<Report> => {
  const { stdout, stderr } = await project.run(['preview', '--since', 'main', '--json', ...more]);
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as Report;
};
const whyOf = ({ tenants }: Report) =>
  tenants
    .filter(({ why }) => why.length > 0)
    .flatMap(({ slug, why }) => why.map(({ part, against }) => `${slug} ${part} ${against}`));

test('what nobody changed is not run, and what changed is named with the reason', async () => {
  expect(whyOf(await since())).toEqual([]);
  project.manifest('dos', { plan: 'pro' });
  project.manifest('cuatro');
  const report = await since();
  expect(whyOf(report)).toEqual([
    'cuatro manifest base',
    'cuatro deployment deployment',
    'dos manifest base',
    'dos manifest deployment',
  ]);
  const dos = report.tenants.find(({ slug }) => slug === 'dos');
  expect(dos?.preview?.changes.filter(({ action }) => action === 'update').map(({ type }) => type)).toContain(
    'TenantQuota',
  );
  const shown = await project.run(['preview', '--since', 'main', '--why']);
  expect(shown.stdout).toMatch(/why: manifest, since the base: .*plan/);
  expect(shown.stdout).toContain('2 of 4 tenants affected, 0 not previewed, since main');
  const alias = await project.run(['tenants', 'preview', '--since', 'main', '--why']);
  // The engine begins resources that do not depend on one another in any order.
  expect(alias.stdout.split('\n').sort()).toEqual(shown.stdout.split('\n').sort());
});

test('a program of a pull request is not run, and its tenant is told as not previewed', async () => {
  const proof = join(project.root, 'proof');
  project.writeManifest('uno.yaml', readFileSync(join(project.root, 'tenants', 'uno.yaml')));
  project.writeManifest(
    'cinco.ts',
    `import { writeFileSync } from 'node:fs';\nwriteFileSync(${JSON.stringify(proof)}, JSON.stringify(process.env));\nexport default {};\n`,
  );
  const { status, stdout, stderr } = await project.run(['preview', '--since', 'main', '--json']);
  const report = JSON.parse(stdout) as Report;
  expect(report.tenants.find(({ slug }) => slug === 'cinco')?.error?.code).toBe('manifest_untrusted');
  expect(report.tenants.find(({ slug }) => slug === 'dos')?.preview).toBeDefined();
  expect(status).toBe(2);
  expect(stderr).toContain('was not run');
  expect(() => readFileSync(proof)).toThrow('ENOENT');
});

test('an exception, a state that is torn, a lock that is held', async () => {
  git('add', '-A');
  git('rm', '--quiet', '--cached', 'tenants/cinco.ts');
  git('clean', '-fdq', 'tenants');
  git('commit', '--quiet', '-m', 'dos');
  writeFileSync(
    join(project.root, 'policies.yaml'),
    JSON.stringify({
      exceptions: [
        {
          rule: 'quotas',
          tenant: 'tres',
          resource: 'manifest tres',
          owner: 'ana',
          reason: 'measured again in spring',
          until: '2999-01-01',
        },
      ],
    }),
  );
  const stack = join(STATE, 'tenant.uno.json');
  const whole = readFileSync(stack);
  writeFileSync(stack, whole.subarray(0, whole.length / 2));
  const report = await since();
  expect(whyOf(report)).toContain('tres policies base');
  const uno = report.tenants.find(({ slug }) => slug === 'uno');
  expect(uno?.why).toMatchObject([{ part: 'checkpoint', detail: expect.stringContaining('cannot be read') }]);
  writeFileSync(stack, whole);
  expect(whyOf(await since())).not.toContain('uno checkpoint deployment');
});
