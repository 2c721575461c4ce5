import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type CliProject,
  cliPath,
  ENGINE_TIMEOUT_MS,
  openCliProject,
  prepareEngine,
  readText,
} from '../support/cli.js';

const CELL = 'shared-eu-central-1';
const PROGRAM = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'dist', 'stacks', 'index.js');

describe('plain pulumi on the stacks of a project', () => {
  let project: CliProject;

  beforeAll(async () => {
    await prepareEngine();
    project = openCliProject();
    project.manifest('clinica');
    await project.deploy();
  }, ENGINE_TIMEOUT_MS);
  afterAll(async () => {
    expect(await project.purge()).toEqual([]);
  });

  /** Runs the engine. @returns how many resources it changed or would change, by what it does with them. */
  const engine = async (...args: string[]): Promise<Record<string, number>> => {
    const { status, stdout, stderr } = await project.run(['pulumi', '--', ...args]);
    expect([args, status, /error.*/.exec(stderr)?.[0]]).toEqual([args, 0, undefined]);
    expect(stdout + stderr).not.toContain('warning');
    return changesOf(stdout);
  };

  test.each(['tenant.clinica', `cell.${CELL}`])('sees no change in %s', async (stack) => {
    expect(Object.keys(await engine('preview', '-s', stack))).toEqual(['unchanged']);
    expect(Object.keys(await engine('up', '--yes', '--skip-preview', '-s', stack, '--refresh'))).toEqual([
      'unchanged',
    ]);
  });

  test('leaves nothing for Ringfence to change, and one salt for all stacks', async () => {
    const { status } = await project.run([
      ...['tenants', 'preview', '--all', '--refresh', '--expect-no-changes'],
    ]);
    expect(status).toBe(0);
    const stacks = join(project.home, 'state', '.pulumi', 'stacks', 'ringfence');
    const salts = ['tenant.clinica', `cell.${CELL}`].map(
      (stack) => /"salt":\s*"([^"]+)"/.exec(readText(join(stacks, `${stack}.json`)))?.[1],
    );
    expect(salts[0]).toBeTypeOf('string');
    expect(new Set(salts).size).toBe(1);
  });

  test('mends drift that Ringfence finds', async () => {
    const rows = 'SELECT rows::int AS rows FROM ringfence.quotas';
    const [before] = await project.cell(CELL, rows);
    await project.cell(CELL, 'UPDATE ringfence.quotas SET rows = rows + 1');
    const look = ['tenants', 'preview', 'clinica', '--refresh', '--expect-no-changes'];
    const found = await project.run(look);
    expect([found.status, found.stdout]).toEqual([7, expect.stringMatching(/quota/)]);
    // Without --refresh nobody looks: the inputs are those of the last deployment.
    expect((await project.run(['tenants', 'preview', 'clinica', '--expect-no-changes'])).status).toBe(0);

    expect(await engine('up', '--refresh', '--yes', '--skip-preview', '-s', 'tenant.clinica')).toMatchObject({
      updated: 1,
    });
    expect(await project.cell(CELL, rows)).toEqual([before]);
    expect((await project.run(look)).status).toBe(0);
  });

  test('is refused by a policy pack of Node', async () => {
    const pack = join(dirname(fileURLToPath(import.meta.url)), '..', 'fixtures', 'policy-pack');
    const preview = ['pulumi', '--', 'preview', '-s', 'tenant.clinica', '--policy-pack', pack];
    const { status, stdout } = await project.run(preview);
    expect(stdout).toMatch(/\[mandatory\] +few-rows.*TenantQuota: quota/);
    expect(stdout).toContain('more than 1 rows');
    expect(status).not.toBe(0);
  });

  test('leaves no plugin behind when it is killed', async () => {
    const engine = createServer((socket) => socket.resume()).listen(0, '127.0.0.1');
    await once(engine, 'listening');
    const { port } = engine.address() as AddressInfo;
    const entry = join(dirname(cliPath()), 'plugin.js');
    const plugin = spawn(process.execPath, [entry, 'nodejs', `127.0.0.1:${port}`]);
    await once(plugin.stdout, 'data');
    engine.close();
    expect(await once(plugin, 'exit')).toEqual([0, null]);
  });

  test('says what it runs with', async () => {
    const { status, stdout } = await project.run(['pulumi', '--', 'about', '--json']);
    expect(status).toBe(0);
    const { runtime, dependencies } = JSON.parse(stdout);
    expect(runtime).toMatchObject({ language: 'nodejs', version: process.version });
    expect(dependencies).toContainEqual({ name: 'zod', version: expect.stringMatching(/^\d/) });
  });

  /** In a shell that has what `ringfence pulumi --print-env` prints. */
  const inShell = (command: string) => {
    const printed = `eval "$('${process.execPath}' '${cliPath()}' pulumi --print-env)"`;
    const env = {
      ...project.env,
      // The user's own, for other servers.
      PGPASSWORD: 'of another server',
      PGPASSFILE: '/nowhere',
    };
    return spawnSync('sh', ['-ec', `${printed}\n${command}`], { cwd: project.root, encoding: 'utf8', env });
  };

  test('runs in a shell of its own, whose PATH gets the engine and nothing of who asked, such as npx', async () => {
    const asked = { env: { PATH: `/made/by/npx:${process.env.PATH}` } };
    const { stdout: printed } = await project.run(['pulumi', '--print-env'], asked);
    expect(/^export PATH=.*$/m.exec(printed)?.[0]).toMatch(/^export PATH='[^':]*':"\$PATH"$/);
    const { status, stdout } = inShell('pulumi -C .ringfence/workspace stack ls');
    expect(status).toBe(0);
    expect(stdout).toContain('tenant.clinica');
    expect(stdout).toContain(`cell.${CELL}`);
  });

  test('reaches the servers from that shell, and keeps their password out of the state', () => {
    const { status, stdout } = inShell(
      `cd .ringfence/workspace; pulumi up --refresh --yes --skip-preview -s cell.${CELL}; pulumi stack export --show-secrets -s cell.${CELL}`,
    );
    expect(status).toBe(0);
    expect(stdout).toMatch(/Resources:\n +15 unchanged\n/);
    expect(stdout).toContain('"username": "ringfence_admin"');
    expect(stdout).not.toContain('of another server');
  });

  test('deletes no row, and Ringfence mends what the engine was made to forget', async () => {
    await project.json(['demo', 'load', 'clinica', '--patients', '3']);
    const rows = () =>
      project.cell(
        CELL,
        `SELECT (SELECT count(*) FROM clinical.patients) AS patients, (SELECT count(*) FROM ringfence.quotas) AS quotas,
                (SELECT state FROM ringfence.tenants) AS state`,
      );
    const before = await rows();
    const refused = async (what: RegExp, ...args: string[]): Promise<void> => {
      const { status, stdout, stderr } = await project.run(['pulumi', '--', ...args, '--yes']);
      expect([args, status === 0]).toEqual([args, false]);
      expect(stdout + stderr).toMatch(what);
      expect(await rows()).toEqual(before);
    };
    for (const stack of ['tenant.clinica', `cell.${CELL}`])
      await refused(/it is protected/, 'destroy', '--skip-preview', '-s', stack);

    await project.run(['pulumi', '--', 'state', 'unprotect', '--all', '--yes', '-s', 'tenant.clinica']);
    await refused(/goes with its tenant/, 'destroy', '--skip-preview', '-s', 'tenant.clinica');
    await project.json(['tenants', 'apply', 'clinica', '--yes']);
    const stack = JSON.parse(
      readText(join(project.home, 'state', '.pulumi', 'stacks', 'ringfence', 'tenant.clinica.json')),
    ) as { checkpoint: { latest: { resources: { protect?: boolean }[] } } };
    expect(stack.checkpoint.latest.resources.filter(({ protect }) => protect)).toHaveLength(4);

    const inputs = join(project.home, 'workspace', 'stacks', 'tenant.clinica', 'inputs.json');
    const written = readText(inputs);
    writeFileSync(
      inputs,
      written.replace(/"tenantId": "(.)/, (_, first) => `"tenantId": "${first === 'f' ? '0' : 'f'}`),
    );
    await refused(/nothing that may have rows is replaced/, 'up', '--skip-preview', '-s', 'tenant.clinica');
    writeFileSync(inputs, written);
  });

  test('and Ringfence find everything again when the state is lost', async () => {
    for (const folder of ['state', 'workspace'])
      rmSync(join(project.home, folder), { recursive: true, force: true });
    const { status, stderr } = await project.run(['tenants', 'apply', 'clinica', '--yes']);
    expect([status, stderr]).toEqual([0, expect.stringContaining('what is there is taken over')]);
    const again = await project.run(['tenants', 'apply', 'clinica', '--yes']);
    expect(again.stdout).toContain('nothing changed since its last deployment');
    expect(await project.cell(CELL, 'SELECT count(*)::int AS count FROM clinical.patients')).toEqual([
      { count: 3 },
    ]);
    expect(Object.keys(await engine('preview', '-s', `cell.${CELL}`))).toEqual(['unchanged']);
  });

  test('runs in the folder of a project with a Pulumi.yaml, which Ringfence then uses too', async () => {
    writeFileSync(
      join(project.root, 'Pulumi.yaml'),
      `name: ringfence\nruntime: nodejs\nmain: ${PROGRAM}\nstackConfigDir: .ringfence/workspace/settings\n`,
    );
    const { status, stdout } = inShell('pulumi stack ls && pulumi preview -s tenant.clinica');
    expect(status).toBe(0);
    expect(Object.keys(changesOf(stdout))).toEqual(['unchanged']);
    expect(Object.keys(await engine('preview', '-s', 'tenant.clinica'))).toEqual(['unchanged']);
  });

  test('does not take a Pulumi project of the user for its own', async () => {
    writeFileSync(join(project.root, 'Pulumi.yaml'), 'name: somebody-elses\nruntime: yaml\n');
    expect(Object.keys(await engine('preview', '-s', 'tenant.clinica'))).toEqual(['unchanged']);
    expect(existsSync(join(project.home, 'workspace', 'Pulumi.yaml'))).toBe(true);
  });
});

/** The counts under `Resources:` at the end of what the engine prints. */
const changesOf = (stdout: string): Record<string, number> => {
  const lines = stdout.slice(stdout.lastIndexOf('\nResources:\n')).split('\n');
  return Object.fromEntries(
    lines.flatMap((line) => {
      const [, count, what] = /^\s+(?:[+~-]+ )?(\d+) (.+?)(?: from .*)?$/.exec(line) ?? [];
      return count && what ? [[what, Number(count)]] : [];
    }),
  );
};
