import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type CliProject,
  ENGINE_TIMEOUT_MS,
  filesBelow,
  names,
  openCliProject,
  prepareEngine,
  smallTenant,
} from '../support/cli.js';

beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);

const TEN_MEGABYTES = 10 * 1024 * 1024;
const CLINIC = { slug: 'centro', name: 'Centro', vertical: 'dental' } as const;
const manifest = (change: object): string => JSON.stringify({ ...smallTenant('bad'), ...change });

/** What a mistake is called, the file that holds it, and what the message must name. */
const MANIFESTS: readonly [mistake: string, text: string, message: RegExp][] = [
  ['malformed YAML', 'slug: bad\nclinics: [\n', /tenants\/bad\.yaml:\d+:\d+/],
  ['an unknown key', manifest({ colour: 'red' }), /colour/],
  [
    'a bad time zone',
    manifest({ backup: { timeZone: 'Mars/Olympus' } }),
    /backup\.timeZone: is not an IANA time zone/,
  ],
  ['a bad cron', manifest({ backup: { schedule: '99 99 * * *' } }), /schedule/],
  ['a day instead of a cron', manifest({ backup: { schedule: '2030-01-01T00:00:00' } }), /backup\.schedule/],
  [
    'a tag',
    `${manifest({}).slice(0, -1)}, "plan": !!str pro}`,
    /bad\.yaml:1:\d+ manifest: has the tag !!str/,
  ],
  ['London asked for as EU', manifest({ residency: 'eu', region: 'eu-west-2' }), /eu-west-2/],
  ['a slug that is a path', manifest({ slug: '../bad' }), /slug/],
  ['a slug that is SQL', manifest({ slug: "x'; DROP TABLE clinics;--" }), /slug/],
  ['a clinic slug that is SQL', manifest({ clinics: [{ ...CLINIC, slug: "x') --" }] }), /slug/],
  ['two clinics of one slug', manifest({ type: 'multi-branch', clinics: [CLINIC, CLINIC] }), /centro/],
  ['10 MB', `# ${'x'.repeat(TEN_MEGABYTES)}\n${manifest({})}`, /at most 1048576/],
  ['no bytes', '', /bad\.yaml/],
  ['not UTF-8', '\u0000', /bad\.yaml/],
];

/** Command lines with their exit status and what the message must name. */
const COMMAND_LINES: readonly [args: string[], status: number, message: RegExp][] = [
  [['teleport'], 2, /unknown command/],
  [
    ['holds', 'add', 'uno', '--reason', 'case', '--until', '2027-02-30'],
    2,
    /--until.*2027-02-30.*allowed: a day/,
  ],
  [['subscriptions', 'set', 'uno', 'PAST_DUE', '--until', '2027-02-29'], 2, /--until.*allowed: a day/],
  [['audit', 'query', 'uno', '--since', '2027-04-31T10:00Z'], 2, /--since.*allowed: a day/],
  [['audit', 'query', 'uno', '--until', '2027-01-01T25:00'], 2, /--until.*allowed: a day/],
  [['backups', 'restore', 'uno', '--at', '2027-13-01'], 2, /--at.*allowed: a day/],
  [['backups', 'restore', 'uno', '--to', '2027-02-30T10:00:00Z'], 2, /--to.*allowed: a day/],
  [['tenants', 'teleport'], 2, /unknown command/],
  [['tenants', 'list', '--sideways'], 2, /unknown option/],
  [['tenants', 'apply'], 2, /name one tenant, or give --all/],
  [['tenants', 'preview', 'one', '--all'], 2, /name one tenant, or give --all/],
  [['tenants', 'apply', '--all', '--concurrency', 'many'], 2, /whole number/],
  [['cells', 'up', '--port', '80'], 2, /1024 to 65535/],
  [['cells', 'up', '--region', 'mars-1'], 2, /mars-1 is not a region/],
  [['cells', 'up', '../x'], 2, /not the name of a cell/],
  [['cells', 'up', 'x; DROP TABLE'], 2, /not the name of a cell/],
  [['tenants', 'add', '../../etc/passwd', '--yes'], 2, /slug/],
  [['tenants', 'add', "x'; DROP TABLE clinics;--", '--yes'], 2, /slug/],
  [['tenants', 'apply', '../x', '--yes'], 2, /slug/],
  [['tenants', 'preview', '../x'], 2, /slug/],
  [['tenants', 'remove', '../x', '--confirm', '../x'], 2, /slug/],
  [['tenants', 'apply', 'nobody', '--yes'], 6, /nobody/],
  [['tenants', 'preview', 'nobody'], 6, /nobody/],
  [['tenants', 'show', 'nobody'], 6, /fix:/],
  [['tenants', 'add', '-f', 'nowhere.yaml', '--yes'], 6, /nowhere\.yaml/],
  [['tenants', 'list', '-C', 'no/such/folder'], 2, /no such folder/],
  [['cells', 'down', '--purge'], 2, /--yes/],
  [['quotas', 'set', 'uno', 'rows=many'], 2, /rows=many.*sets no quota/],
  [['isolation', 'mutants', 'no-such-mutant'], 2, /there is no mutant no-such-mutant/],
  [['audit', 'verify', '--file', 'nowhere.jsonl'], 2, /nowhere\.jsonl cannot be read/],
  [['audit', 'verify'], 2, /name a tenant, or an export with --file/],
  [['cells', 'up', 'uno', '--rds', 'db-1'], 2, /needs a name, and the region/],
];

describe('bad input', () => {
  let project: CliProject;

  beforeAll(() => {
    project = openCliProject();
  });
  afterAll(async () => {
    expect(await project.purge()).toEqual([]);
  });

  test.each(MANIFESTS)('in a manifest: %s', async (_, text, message) => {
    project.writeManifest('bad.yaml', text);
    const { status, stdout, stderr } = await project.run(['tenants', 'add', 'bad', '--yes', '--json']);
    expect(stderr.slice(0, 4_000)).toMatch(message);
    expect(JSON.parse(stdout).error.code).toBe('manifest_invalid');
    expect(status).toBe(2);
    expect(stderr.length).toBeLessThan(4_000);
    expect(names(project.home)).toEqual([]);
    expect(names(`${project.root}/tenants`)).toEqual(['bad.yaml']);
  });

  test.each(COMMAND_LINES)('on the command line: %j', async (args, status, message) => {
    const before = filesBelow(project.root);
    const run = await project.run(args);
    expect([run.status, run.stderr]).toEqual([status, expect.stringMatching(message)]);
    expect(filesBelow(project.root)).toEqual(before);
  });

  test('counts', () => {
    process.stdout.write(`bad manifests: ${MANIFESTS.length}, bad command lines: ${COMMAND_LINES.length}\n`);
  });
});

describe('manifests that contradict each other or the registry', () => {
  let project: CliProject;

  beforeAll(() => {
    project = openCliProject();
  });
  afterAll(async () => {
    expect(await project.purge()).toEqual([]);
  });

  test('are refused with both places, and the rest is deployed', async () => {
    const id = '5b8b8a52-6f1c-4d0a-9d38-3b8f6a2f7c11';
    project.manifest('twin-one', { clinics: [{ ...CLINIC, id }] });
    project.manifest('twin-two', { clinics: [{ ...CLINIC, id }] });
    project.writeManifest('twice.yaml', JSON.stringify(smallTenant('twice')));
    project.writeManifest('twice.yml', JSON.stringify(smallTenant('twice')));
    project.manifest('sound');
    const all = await project.run(['tenants', 'apply', '--all', '--yes']);
    expect(all.stderr).toMatch(/twin-two\.yaml.*this clinic id is also that of .*twin-one\.yaml/);
    expect(all.stderr).toMatch(/twice\.yml.*this slug is also that of .*twice\.yaml/);
    expect(all.stderr).toContain('1 deployed');
    expect(all.status).toBe(2);
  });

  test('a clinic id that another tenant has is refused by the registry too', async () => {
    const first = await project.run(['tenants', 'add', 'twin-one', '--yes']);
    expect(first.status).toBe(0);
    const second = await project.run(['tenants', 'add', 'twin-two', '--yes', '--json']);
    expect(JSON.parse(second.stdout).error).toMatchObject({ code: 'conflict' });
    expect(second.status).toBe(1);
    expect(await project.control(`SELECT FROM control.tenants WHERE slug = 'twin-two'`)).toEqual([]);
  });

  test('without --yes nothing is deployed, purged, removed or erased', async () => {
    project.manifest('unasked');
    for (const [fix, ...command] of [
      ['add --yes', 'tenants', 'add', 'unasked'],
      ['add --yes', 'tenants', 'apply', 'unasked'],
      ['add --yes', 'tenants', 'apply', '--all'],
      ['add --yes', 'cells', 'down', '--purge'],
      ['add --yes', 'cells', 'down', 'shared-eu-central-1', '--purge'],
      ['add --yes', 'tenants', 'remove', 'twin-one'],
      ['add --yes', 'tenants', 'remove', 'twin-one', '--confirm', 'twin-two'],
      ['add --yes', 'tenants', 'erase', 'twin-one', '--reason', 'x'],
    ]) {
      const { status, stderr } = await project.run(command);
      expect([command, status, stderr]).toEqual([command, 2, expect.stringContaining(`fix: ${fix}`)]);
    }
    const listed = await project.json<{ slug: string }[]>(['tenants', 'list']);
    expect(listed.map(({ slug }) => slug)).toEqual(['sound', 'twin-one']);
  });
});
