import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliProject, cliPath, openCliProject } from '../support/cli.js';

/** Appends the address of every module that is imported to a file. */
const LISTS_MODULES = `data:text/javascript,${encodeURIComponent(`
  import { register } from 'node:module';
  register('data:text/javascript,' + encodeURIComponent(\`
    import { appendFileSync } from 'node:fs';
    export const load = (url, context, next) => {
      appendFileSync(process.env.RINGFENCE_TEST_MODULES, url + '\\\\n');
      return next(url, context);
    };
  \`));`)}`;

let project: CliProject;
beforeAll(() => {
  project = openCliProject();
  mkdirSync(join(project.root, 'clinic', 'tenants'), { recursive: true });
});
afterAll(() => rmSync(project.root, { recursive: true, force: true }));

test('a command line that is wrong is told to programs too', async () => {
  const { status, stdout } = await project.run(['tenants', 'list', '--sideways', '--json']);
  expect([status, JSON.parse(stdout).error]).toMatchObject([
    2,
    { code: 'usage', message: "unknown option '--sideways'" },
  ]);
});

describe('the common options', () => {
  test.each([
    [['-C', 'clinic', '--json', 'tenants', 'show', 'nobody']],
    [['tenants', 'show', 'nobody', '--json', '-C', 'clinic']],
    [['-C', 'clinic', 'tenants', '--json', 'show', 'nobody']],
    [['--json', 'tenants', '-C', 'clinic', 'show', 'nobody']],
    [['-y', '--no-color', '--cwd=clinic', 'tenants', 'show', '--json', 'nobody']],
    [['-C', '.', '--json', 'tenants', 'show', '-C', 'clinic', 'nobody']],
  ])('may stand before a command, in it and after it: %j', async (args) => {
    const { status, stdout } = await project.run(args);
    const message = `${join(project.root, 'clinic')} has no tenants and no cells yet`;
    expect([status, JSON.parse(stdout).error]).toMatchObject([6, { code: 'tenant_not_found', message }]);
  });

  test.each([[['--yes', 'cells', 'down']], [['cells', '--yes', 'down']]])(
    '%j is asked as `cells down --yes` is',
    async (args) => {
      const purge = await project.run([...args, '--purge']);
      expect([purge.status, purge.stdout]).toEqual([0, 'removed: nothing was there\n']);
    },
  );

  test.each([
    [['--non-interactive', 'cells', 'down', '--purge'], /Nobody can be asked here/],
    [['--sideways', 'tenants', 'list'], /unknown option '--sideways'/],
    [['tenants', '--sideways', 'list'], /unknown option '--sideways'/],
    [['tenants', 'list', '--sideways'], /unknown option '--sideways'/],
    [['--removed', 'tenants', 'list'], /unknown option '--removed'/],
    [['-C'], /option '-C, --cwd <folder>' argument missing/],
    [['tenants', 'list', '-C'], /option '-C, --cwd <folder>' argument missing/],
    [['-C', 'nowhere', 'tenants', 'list'], /there is no such folder/],
    [['tenants', '-C', 'nowhere', 'list'], /there is no such folder/],
  ])('%j is refused with status 2', async (args, message) => {
    const { status, stdout, stderr } = await project.run(args);
    expect([status, stdout, stderr]).toEqual([2, '', expect.stringMatching(message)]);
  });
});

/** What is imported beside the CLI's own files, the core and Node: packages, and files of lower layers. */
const importedBy = async (...args: string[]): Promise<string[]> => {
  const list = join(project.root, `modules-${args.length}`);
  const env = { NODE_OPTIONS: `--import=${LISTS_MODULES}`, RINGFENCE_TEST_MODULES: list };
  expect((await project.run(args, { env })).status).toBe(0);
  const dist = new URL('..', `file://${cliPath()}`).href;
  const addresses = readFileSync(list, 'utf8').trim().split('\n');
  const names = addresses.flatMap((address) => {
    const name = address.split('/node_modules/')[1]?.match(/^(?:@[^/]+\/)?[^/]+/)?.[0];
    const file = address.startsWith(dist) ? address.slice(dist.length) : undefined;
    return name ?? (file === undefined || /^(?:cli|core)\//.test(file) ? [] : file);
  });
  return [...new Set(names)].sort();
};

describe('what a start loads', () => {
  const LIGHT = [
    'cli-table3',
    'commander',
    'control-plane/isolation/cadences/cadence.js',
    'data-plane/database/describe-difference.js',
    'data-plane/erasure/promise.js',
    'isolation/suite/case.js',
    'picocolors',
    'pretty-bytes',
  ];

  test.each([[['--help']], [['tenants', '--help']], [['tenants', 'add', '--help']], [['--version']]])(
    '%j: no use case, no database, no engine',
    async (args) => {
      expect(await importedBy(...args)).toEqual(LIGHT);
    },
  );

  test('completion needs its own library too', async () => {
    expect(await importedBy('complete', '--', 'tenants', '')).toEqual(['@bomb.sh/tab', ...LIGHT]);
  });

  test('the list is one of what is loaded: a command that runs has its use case on it', async () => {
    expect(await importedBy('tenants', 'list')).toEqual(
      expect.arrayContaining([...LIGHT, 'control-plane/project/control-database.js']),
    );
  });
});
