import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serverAccount } from '../../data-plane/database/server/account.js';
import {
  type CliProject,
  ENGINE_TIMEOUT_MS,
  filesBelow,
  names,
  openCliProject,
  prepareEngine,
  readText,
} from '../support/cli.js';
import { isMountable, useSmallDisk } from '../support/small-disk.js';

const CELL = 'shared-eu-central-1';
const isRoot = process.getuid?.() === 0;

beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);

describe('servers that are not as they were left', () => {
  let project: CliProject;
  const strangers: ChildProcess[] = [];

  beforeAll(async () => {
    project = openCliProject();
    project.manifest('steady');
    await project.deploy();
  });
  afterAll(async () => {
    for (const stranger of strangers) stranger.kill();
    expect(await project.purge()).toEqual([]);
  });

  const kill = (): void => {
    for (const { pid } of project.servers()) if (pid) process.kill(pid, 'SIGKILL');
  };

  test.each([
    ['tenants', 'show', 'steady'],
    ['keys', 'rotate', 'steady', '-y', '--settle', '1'],
    ['backups', 'run', 'steady'],
    ['audit', 'verify', 'steady'],
    ['cells', 'repair', CELL, '--dry-run'],
    ['holds', 'list', 'steady'],
  ])('killed ones are started by the next command: %s %s', async (...command) => {
    kill();
    const { status, stderr } = await project.run(command);
    expect([status, stderr]).toEqual([0, expect.any(String)]);
  });

  test('a copy of the project takes nothing of it, and a moved one goes on', async () => {
    const copy = `${project.root}-copy`;
    const moved = `${project.root}-moved`;
    cpSync(project.root, copy, { recursive: true, preserveTimestamps: true });
    // As root in a closed folder the data lies elsewhere, and is the original's.
    if (isRoot) expect(await project.run(['tenants', 'list'], { cwd: copy })).toMatchObject({ status: 1 });
    expect(await project.run(['cells', 'down', '--purge', '--yes'], { cwd: copy })).toMatchObject({
      status: 0,
    });
    expect(await project.json(['tenants', 'show', 'steady'])).toMatchObject({ state: 'active' });
    renameSync(project.root, moved);
    expect(await project.run(['cells', 'up'], { cwd: moved })).toMatchObject({ status: 0 });
    renameSync(moved, project.root);
    expect(await project.json(['tenants', 'show', 'steady'])).toMatchObject({ state: 'active' });
    rmSync(copy, { recursive: true });
  });

  test('a process number that another program has by now keeps no server down', async () => {
    expect((await project.run(['cells', 'down'])).status).toBe(0);
    strangers.push(await endedServer());
    for (const { dataDir } of project.servers()) {
      // Of the server's own account: Postgres takes no other's process for a server.
      const stranger = spawn('sleep', ['600'], { stdio: 'ignore', cwd: '/', ...serverAccount() });
      strangers.push(stranger);
      const started = Math.floor(Date.now() / 1000);
      writeFileSync(
        join(dataDir, 'postmaster.pid'),
        `${stranger.pid}\n${dataDir}\n${started}\n1\n\n127.0.0.1\n 0 0\nready   \n`,
      );
    }
    const { status, stderr } = await project.run(['cells', 'up']);
    expect([status, stderr]).toEqual([0, expect.any(String)]);
    expect(strangers.map(({ exitCode }) => exitCode)).toEqual(strangers.map(() => null));
  });
});

/** A process of the server's account that has ended, is called postgres, and is not waited for. @returns its parent. */
const endedServer = async (): Promise<ChildProcess> => {
  const program = '(echo postgres > /proc/self/comm) & exec sleep 600';
  const parent = spawn('sh', ['-c', program], { stdio: 'ignore', cwd: '/', ...serverAccount() });
  const children = () => execFileSync('ps', ['-eo', 'ppid=,stat=,comm='], { encoding: 'utf8' });
  await expect.poll(children).toMatch(new RegExp(`^ *${parent.pid} Z\\S* +postgres`, 'm'));
  return parent;
};

describe.skipIf(!isRoot)('root under a strict umask', () => {
  test.each([
    [0o077, 0o755],
    [0o077, 0o700],
  ])('umask %i, project folder %i: the server can reach its data', async (mask, mode) => {
    const project = openCliProject();
    chmodSync(project.root, mode);
    const before = process.umask(mask);
    const run = project.start(['cells', 'up']);
    process.umask(before);
    expect(await run.result).toMatchObject({ status: 0 });
    expect(await project.purge()).toEqual([]);
  });
});
if (!isRoot) process.stdout.write('SKIPPED: a server of another account is tested as root only\n');

describe.skipIf(!isMountable)('a full disk', () => {
  const disk = useSmallDisk('64m');

  test('is named at each point of cells up, and leaves no drafts', async ({ skip }) => {
    if (!disk.isMounted) skip('no mount');
    const home = join(disk.path, 'home');
    const ballast = join(disk.path, 'ballast');
    const project = openCliProject({ home });
    const free = (): number =>
      Number(execFileSync('df', ['--output=avail', '-k', disk.path], { encoding: 'utf8' }).split('\n')[1]);
    const seen: string[] = [];
    for (const leftKilobytes of [0, 4, 64, 1_000, 8_000, 24_000, 36_000, 46_000]) {
      mkdirSync(home, { recursive: true });
      writeFileSync(ballast, Buffer.alloc(Math.max(0, free() - leftKilobytes) * 1024));
      const { status, stdout } = await project.run(['cells', 'up', 'narrow', '--json']);
      const { code, message } = status === 0 ? { code: 'ok', message: '' } : JSON.parse(stdout).error;
      seen.push(`${leftKilobytes} kB left: ${code} ${message}`);
      expect([seen.at(-1), status, code]).toEqual([expect.any(String), 4, 'disk_full']);
      expect(filesBelow(home).filter((path) => /draft|password-/.test(path))).toEqual([]);
      expect(readText(join(home, '.gitignore'))).toMatch(/^(?:\*\n)?$/);
      expect(names(home).includes('.gitignore')).toBe(readText(join(home, '.gitignore')) !== '');
      rmSync(ballast);
      // Where the disk sufficed for a server, it runs on.
      expect(await project.run(['cells', 'down', '--purge', '--yes'])).toMatchObject({ status: 0 });
      for (const name of readdirSync(home)) rmSync(join(home, name), { recursive: true, force: true });
    }
    process.stdout.write(`${seen.join('\n')}\n`);
    expect(existsSync(dirname(home))).toBe(true);
    expect(await project.purge()).toEqual([]);
  });
});
