import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type CliProject,
  ENGINE_TIMEOUT_MS,
  filesBelow,
  openCliProject,
  prepareEngine,
} from '../support/cli.js';
import { isMountable, useSmallDisk } from '../support/small-disk.js';
import { leftovers } from './leftovers.js';

beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);

const CELL = 'shared-eu-central-1';

describe('a machine that fails', () => {
  let project: CliProject;

  beforeAll(async () => {
    project = openCliProject();
    project.manifest('steady');
    await project.deploy();
  });
  afterAll(async () => {
    expect(await project.purge()).toEqual([]);
  });

  const failureOf = async (args: readonly string[], env: Record<string, string> = {}) => {
    const { status, stdout } = await project.run([...args, '--json'], { env });
    return { status, ...(JSON.parse(stdout).error as { code: string; message: string; fix?: string }) };
  };

  test('every Postgres killed: nothing is lost, and the next command starts them', async () => {
    for (const { pid } of project.servers()) if (pid) process.kill(pid, 'SIGKILL');
    expect(await project.json(['tenants', 'show', 'steady'])).toMatchObject({ state: 'active' });
    expect(await leftovers(project, ['steady'])).toEqual([]);
  });

  test.each([
    ['the cell', CELL, '› deploy'],
    ['the control database', 'control', '› deploy'],
    ['the cell, while it is proved', CELL, '› prove'],
  ])('the Postgres of %s killed half-way: the same command again ends it', async (_, name, moment) => {
    const slug = `half-way-${moment.replace(/[^a-z]/gi, '').toLowerCase()}-${name.slice(0, 3)}`;
    project.manifest(slug);
    const run = project.start(['tenants', 'add', slug, '--yes', '--skip-preview', '--json']);
    await run.said(moment);
    const server = project.servers().find((one) => one.name === name);
    if (server?.pid) process.kill(server.pid, 'SIGKILL');
    const { status, stdout } = await run.result;
    // What needs the cell after its end starts it again; what was under way is lost.
    const code = status === 0 ? 'ok' : JSON.parse(stdout).error.code;
    expect(['0 ok', '4 database_unavailable']).toContain(`${status} ${code}`);

    const again = await project.run(['tenants', 'add', slug, '--yes', '--skip-preview']);
    expect([again.status, again.stderr]).toEqual([0, expect.not.stringMatching(/error|in cell/)]);
    const listed = await project.json<{ slug: string }[]>(['tenants', 'list']);
    expect(
      await leftovers(
        project,
        listed.map((tenant) => tenant.slug),
      ),
    ).toEqual([]);
  });

  test('a deleted keyring is named, never made again, and works once it is back', async () => {
    const keyring = join(project.home, 'keyring');
    const aside = `${keyring}.aside`;
    project.manifest('keyless');
    renameSync(keyring, aside);
    const missing = {
      status: 3,
      code: 'keyring_missing',
      fix: expect.stringMatching(/restore the keyring/),
    };
    for (const command of [
      ['tenants', 'add', 'keyless', '--yes'],
      ['tenants', 'show', 'steady'],
      ['backups', 'run', 'steady'],
      ['cells', 'up'],
    ]) {
      expect({ command, ...(await failureOf(command)) }).toMatchObject({ command, ...missing });
      expect(existsSync(keyring)).toBe(false);
    }
    renameSync(aside, keyring);
    expect((await project.run(['tenants', 'add', 'keyless', '--yes', '--skip-preview'])).status).toBe(0);
    expect((await project.run(['backups', 'run', 'steady'])).status).toBe(0);
  });

  test('a wrong keyring, a damaged one and a damaged passphrase are refused', async () => {
    const keyring = join(project.home, 'keyring', `${CELL}.json`);
    const passphrase = join(project.home, 'passphrase');
    const damaged: [string, (text: string) => string, string[], string][] = [
      [
        keyring,
        (text) => text.replace(/"key": "..../, '"key": "AAAA'),
        ['tenants', 'show', 'steady'],
        'keyring_invalid',
      ],
      [keyring, (text) => text.slice(0, 40), ['backups', 'run', 'steady'], 'keyring_invalid'],
      [passphrase, () => 'not the passphrase', ['cells', 'up'], 'key_access_denied'],
    ];
    for (const [file, damage, command, code] of damaged) {
      const text = readFileSync(file, 'utf8');
      writeFileSync(file, damage(text));
      expect({ command, ...(await failureOf(command)) }).toMatchObject({ command, code, status: 3 });
      writeFileSync(file, text);
    }
    expect((await project.run(['cells', 'up'])).status).toBe(0);
  });

  test('a damaged server.json is named and not replaced', async () => {
    const file = join(project.home, 'cells', CELL, 'server.json');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.slice(0, 60));
    expect(await failureOf(['tenants', 'show', 'steady'])).toMatchObject({
      status: 2,
      code: 'config_invalid',
    });
    expect(readFileSync(file, 'utf8')).toBe(text.slice(0, 60));
    writeFileSync(file, text);
    expect((await project.run(['tenants', 'show', 'steady'])).status).toBe(0);
  });

  test('a taken port is named, and the cell comes up on a free one', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const up = ['cells', 'up', 'pinned', '--port', String(port)];
    expect(await failureOf(up)).toMatchObject({
      status: 4,
      code: 'port_taken',
      message: expect.stringContaining(String(port)),
    });
    const another = port > 2_000 ? port - 1 : port + 1;
    expect((await project.run(['cells', 'up', 'pinned', '--port', String(another)])).status).toBe(0);
    other.close();
    expect((await project.run(['cells', 'status', 'pinned'])).stdout).toContain(`127.0.0.1:${another}`);
  });

  test('a missing engine without network and without Go: the ways and their reasons', async () => {
    const cache = mkdtempSync(join(tmpdir(), 'ringfence-no-engine-'));
    const path = (process.env.PATH ?? '')
      .split(delimiter)
      .filter((folder) => !existsSync(join(folder, 'go')) && !existsSync(join(folder, 'pulumi')))
      .join(delimiter);
    project.manifest('engineless');
    const env = { PATH: path, RINGFENCE_ENGINE_CACHE: cache, RINGFENCE_ENGINE_URL: 'http://127.0.0.1:9' };
    const failure = await failureOf(['tenants', 'add', 'engineless', '--yes'], env);
    expect(failure).toMatchObject({ status: 4, code: 'engine_missing' });
    expect(failure.message).toMatch(/download: .*\n.*build: /);
    expect(failure.fix).toContain('RINGFENCE_PULUMI');
    expect(filesBelow(cache)).toEqual([]);
    rmSync(cache, { recursive: true });
  });

  test('a project that is damaged can still be purged', async () => {
    const before = project.servers();
    writeFileSync(join(project.home, 'cells', CELL, 'server.json'), '{');
    expect((await project.run(['cells', 'down', '--purge', '--yes'])).status).toBe(0);
    expect(before.filter(({ dataDir }) => existsSync(dataDir))).toEqual([]);
  });
});

const takeAllSpace = (folder: string, ballast: string): void => {
  const free = execFileSync('df', ['--output=avail', '-k', folder], { encoding: 'utf8' }).split('\n')[1];
  writeFileSync(ballast, Buffer.alloc(Number(free) * 1024));
};

describe('a full disk', () => {
  const disk = useSmallDisk('210m');

  test.skipIf(!isMountable)(
    'is named; with space again the same command ends it, and nothing is lost',
    async ({ skip }) => {
      if (!disk.isMounted) skip('no mount');
      const home = join(disk.path, 'home');
      mkdirSync(home, { mode: 0o755 });
      const project = openCliProject({ home });
      project.manifest('full');
      const ballast = join(disk.path, 'ballast');
      const fill = (megabytes: number): void => writeFileSync(ballast, Buffer.alloc(megabytes * 1024 * 1024));
      // From no space for the control database to almost enough for the backup.
      const seen: string[] = [];
      for (const megabytes of [208, 160, 130, 116, 100]) {
        fill(megabytes);
        const { status, stdout } = await project.run(['tenants', 'add', 'full', '--yes', '--json']);
        const document = JSON.parse(stdout);
        const code = status === 0 ? 'ok' : document.error.code;
        seen.push(`${megabytes} MB taken: ${code}`);
        if (status !== 0)
          expect([status, code]).toEqual([4, expect.stringMatching(/disk_full|database_unavailable/)]);
        rmSync(ballast);
      }
      process.stdout.write(`full disk: ${seen.join(', ')}\n`);
      expect(seen.join()).toContain('disk_full');
      const last = await project.run(['tenants', 'add', 'full', '--yes']);
      expect([last.status, last.stderr]).toEqual([0, expect.not.stringContaining('error')]);
      expect(await leftovers(project, ['full'])).toEqual([]);
      expect(dirname(project.servers()[0]?.dataDir ?? '')).toContain(disk.path);

      // The command has its result and cannot close: it prints one document.
      takeAllSpace(disk.path, ballast);
      const { status, stdout } = await project.run(['tenants', 'list', '--json']);
      expect([status, JSON.parse(stdout)]).toEqual([
        4,
        { error: expect.objectContaining({ code: 'disk_full' }) },
      ]);
      rmSync(ballast);
      expect(await project.purge()).toEqual([]);
    },
  );

  if (!isMountable) process.stdout.write('SKIPPED: a full disk is tested as root on Linux only\n');
});
