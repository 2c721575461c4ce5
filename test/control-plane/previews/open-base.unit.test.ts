import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openBase } from '../../../control-plane/previews/base/open-base.js';
import { smallTenant } from '../../support/cli.js';
import { gitIn } from '../../support/git-repository.js';

let root: string;
let git: ReturnType<typeof gitIn>;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ringfence-base-'));
  git = gitIn(root);
  mkdirSync(join(root, 'tenants'));
  git('init', '--quiet');
  manifest('one');
  manifest('two');
  commit('begin');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const write = (path: string, text: string): void => writeFileSync(join(root, path), text);
const manifest = (slug: string, changes = {}): void =>
  write(`tenants/${slug}.yaml`, JSON.stringify(smallTenant(slug, changes), null, 2));
const commit = (message: string): void => {
  git('add', '-A');
  git('commit', '--quiet', '-m', message);
};
const open = (ref = 'main', dir = root) => openBase(dir, process.env, ref, { now: new Date('2026-11-28') });

test('the base is where the work tree left the ref, not where the ref is now, and nothing is checked out', async () => {
  git('switch', '--quiet', '-c', 'change');
  manifest('one', { plan: 'pro' });
  git('switch', '--quiet', 'main');
  git('stash', '--quiet', '--', 'tenants');
  manifest('two', { plan: 'growth' });
  commit('somebody else');
  git('switch', '--quiet', 'change');
  manifest('one', { plan: 'pro' });
  manifest('three');
  const before = git('status', '--porcelain');
  const base = await open();
  expect(base.commit).toBe(git('rev-parse', 'change').trim());
  expect(base.manifests.get('two')).toEqual({ kind: 'same' });
  expect(base.manifests.get('one')).toMatchObject({
    kind: 'other',
    manifest: { tenant: { plan: 'starter' } },
  });
  expect([...base.manifests.keys()]).toEqual(['one', 'two']);
  expect([...base.present].sort()).toEqual(['one', 'three', 'two']);
  expect(git('status', '--porcelain')).toBe(before);
});

test('a project in a folder of its repository, with a name that is not ASCII', async () => {
  const inner = join(root, 'clínicas');
  mkdirSync(join(inner, 'tenants'), { recursive: true });
  write('clínicas/tenants/uno.yaml', JSON.stringify(smallTenant('uno')));
  commit('inner');
  write('clínicas/tenants/uno.yaml', JSON.stringify(smallTenant('uno', { plan: 'pro' })));
  const base = await open('main', inner);
  expect([...base.manifests]).toMatchObject([
    ['uno', { kind: 'other', manifest: { tenant: { plan: 'starter' } } }],
  ]);
});

test('what the base has and cannot be read is said, and is no failure', async () => {
  write('tenants/torn.yaml', 'slug: torn\nclinics: [\n');
  write('policies.yaml', 'exceptions: nobody\n');
  commit('torn');
  manifest('torn');
  write('policies.yaml', '');
  const base = await open();
  expect(base.manifests.get('torn')).toMatchObject({
    kind: 'unreadable',
    reason: expect.stringContaining('torn.yaml:'),
  });
  expect(base.exceptions).toMatchObject({
    kind: 'unreadable',
    reason: expect.stringContaining('policies.yaml:1'),
  });
});

test('a program runs only where the base has it so, with all that it may import; a link is never opened', async () => {
  write('tenants/three.ts', 'export default { slug: "three" };\n');
  commit('a program');
  write('tenants/notes.md', 'for people');
  manifest('one', { plan: 'pro' });
  expect([...(await open()).untrusted.keys()]).toEqual([]);

  write('common.ts', 'throw new Error("ran");\n');
  symlinkSync('/proc/self/environ', join(root, 'tenants', 'four.yaml'));
  expect([...(await open()).untrusted]).toMatchObject([
    ['four.yaml', { code: 'manifest_untrusted', message: expect.stringContaining('link') }],
    ['three.ts', { code: 'manifest_untrusted', message: expect.stringContaining('not run') }],
  ]);
});

test.each([
  ['no-such-branch', 'base_not_found', /no ref no-such-branch/, /git fetch/],
  ['--output=/tmp/x', 'usage', /no ref/, /origin\/main/],
  ['main^{tree}', 'base_not_found', /no ref/, /git fetch/],
])('since %s', async (ref, code, message, fix) => {
  await expect(open(ref)).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message),
    fix: expect.stringMatching(fix),
  });
});

test('a branch that is deleted here and known of its remote is proposed', async () => {
  git('update-ref', 'refs/remotes/origin/other', 'HEAD');
  await expect(open('other')).rejects.toMatchObject({
    code: 'base_not_found',
    fix: 'did you mean origin/other?',
  });
});

test('a ref that was pushed by force has nothing in common', async () => {
  git('switch', '--quiet', '--orphan', 'forced');
  mkdirSync(join(root, 'tenants'), { recursive: true });
  manifest('one');
  commit('another beginning');
  await expect(open()).rejects.toMatchObject({
    code: 'base_not_found',
    message: expect.stringContaining('no commit in common'),
    fix: expect.stringContaining('force'),
  });
});

test('a shallow clone says what to fetch, whether the ref is in it or not', async () => {
  git('switch', '--quiet', '-c', 'change');
  manifest('one', { plan: 'pro' });
  commit('change');
  git('switch', '--quiet', 'main');
  manifest('two', { plan: 'pro' });
  commit('main goes on');
  const clone = join(root, 'clone');
  git('clone', '--quiet', '--depth', '1', '--branch', 'change', `file://${root}`, clone);
  const fix = expect.stringContaining('fetch-depth: 0');
  await expect(open('main', clone)).rejects.toMatchObject({ code: 'base_not_found', fix });
  gitIn(clone)('fetch', '--quiet', '--depth', '1', 'origin', 'main:refs/remotes/origin/main');
  await expect(open('origin/main', clone)).rejects.toMatchObject({ code: 'base_not_found', fix });
});

test('a folder that is in no repository', async () => {
  const bare = mkdtempSync(join(tmpdir(), 'ringfence-no-git-'));
  await expect(open('main', bare)).rejects.toMatchObject({
    code: 'base_not_found',
    message: expect.stringContaining('no git repository'),
  });
  rmSync(bare, { recursive: true });
});
