import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../../cli/run.js';
import { runDoctor } from '../../../control-plane/doctor/run.js';
import { fakePulumi, openScene, type Scene, script } from '../engine/scene.js';
import { memoryStream } from './memory-stream.js';

let scene: Scene;
beforeEach(() => {
  scene = openScene();
});
afterEach(() => scene.remove());

const doctor = async (env: NodeJS.ProcessEnv = {}) => {
  const report = await runDoctor({ project: scene.project, env: { ...scene.env, ...env } });
  return { ...report, named: (name: string) => report.checks.find((check) => check.name === name) };
};
const command = async (options: { json: boolean; env?: NodeJS.ProcessEnv; isTTY?: boolean }) => {
  const stdout = memoryStream(options.isTTY);
  const stderr = memoryStream();
  const env = { ...scene.env, ...options.env };
  const args = ['doctor', ...(options.json ? ['--json'] : [])];
  const stdin = process.stdin;
  const status = await run({
    args,
    env: { ...env, RINGFENCE_HOME: scene.project.home },
    cwd: scene.project.root,
    stdin,
    stdout: stdout as unknown as NodeJS.WriteStream,
    stderr: stderr as unknown as NodeJS.WriteStream,
    newId: () => randomUUID(),
  });
  return { status, text: stdout.text() };
};

describe('runDoctor', () => {
  it('runs on an empty machine: nothing fails, and it says what is missing', async () => {
    const { ok, checks, named } = await doctor();
    expect(ok).toBe(true);
    expect(checks.map(({ name }) => name)).toEqual([
      'node',
      'engine',
      'postgresql-plugin',
      'language-host',
      'postgres',
      'go',
      'loopback',
      'local-servers',
      'disk',
      'objects',
      'control',
      'keys',
      'rows',
      'tenants',
      'replicas',
      'reach',
      'moves',
      'backups',
      'erased',
      'kept',
      'state',
      'passphrase',
      'permissions',
      'git',
    ]);
    expect(named('engine')).toMatchObject({ status: 'warn', data: { version: null } });
    expect(named('go')).toMatchObject({
      status: 'warn',
      detail: expect.stringMatching(/^no Go.*only the official download/),
    });
    expect(named('postgresql-plugin')).toMatchObject({ status: 'warn', data: { standIn: true } });
    expect(named('local-servers')).toMatchObject({ status: 'ok', detail: 'none recorded' });
  });

  it('names the engine on PATH, and then needs no Go', async () => {
    const path = fakePulumi(join(scene.bin, 'pulumi'), '3.250.0');
    const { named } = await doctor();
    expect(named('engine')).toMatchObject({
      status: 'ok',
      detail: `Pulumi 3.250.0, found on PATH: ${path}`,
      data: { version: '3.250.0', source: 'path', origin: null },
    });
    expect(named('go')).toMatchObject({ status: 'ok', detail: expect.stringContaining('not needed') });
  });

  it('tells why an engine was passed over', async () => {
    fakePulumi(join(scene.bin, 'pulumi'), '3.1.0');
    expect((await doctor()).named('engine')?.detail).toContain('it is version 3.1.0');
  });

  it('fails on a broken RINGFENCE_PULUMI, with the fix', async () => {
    const { ok, named } = await doctor({ RINGFENCE_PULUMI: '/nowhere/pulumi' });
    expect(ok).toBe(false);
    expect(named('engine')).toMatchObject({
      status: 'fail',
      detail: expect.stringContaining('/nowhere/pulumi'),
      fix: expect.stringContaining('unset it'),
    });
  });

  it('warns of a Go that is too old while there is no engine', async () => {
    script(join(scene.bin, 'go'), 'echo go1.19.8');
    expect((await doctor()).named('go')).toMatchObject({
      status: 'warn',
      detail: expect.stringMatching(/^Go 1\.19\.8 is too old/),
      fix: expect.stringMatching(/install Go 1\.\d+\.\d+ or newer/),
    });
  });

  it('finds the plugin in the folder of Pulumi and on PATH, and the language host beside the engine', async () => {
    mkdirSync(join(scene.project.home, 'pulumi', 'plugins', 'resource-postgresql-v3.18.1'), {
      recursive: true,
    });
    expect((await doctor()).named('postgresql-plugin')).toMatchObject({
      status: 'ok',
      data: { standIn: false, versions: ['3.18.1'] },
    });
    const pulumi = fakePulumi(join(scene.dir, 'official', 'pulumi'), '3.246.0');
    const host = script(join(scene.dir, 'official', 'pulumi-language-nodejs'), 'exit 0');
    expect((await doctor({ RINGFENCE_PULUMI: pulumi })).named('language-host')).toMatchObject({
      data: { standIn: false, path: host },
    });
  });
});

describe('ringfence doctor', () => {
  it('prints a line for each check and a summary, without colours when NO_COLOR is set', async () => {
    const { status, text } = await command({ json: false, isTTY: true, env: { NO_COLOR: '1' } });
    expect(status).toBe(0);
    expect(text).toMatch(/^ok {4}node {15}Node \d+/);
    expect(text).toMatch(/\n\d+ ok, \d+ to know, 0 failed\n$/);
    expect(text).not.toContain('\u001b[');
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThan(140);
  });

  it('has colours on a terminal', async () => {
    expect((await command({ json: false, isTTY: true })).text).toContain('\u001b[32mok');
    expect((await command({ json: false })).text).not.toContain('\u001b[');
  });

  it('prints the report alone with json, and returns 4 when a check failed', async () => {
    const { status, text } = await command({ json: true, env: { RINGFENCE_PULUMI: '/nowhere' } });
    expect(status).toBe(4);
    expect(JSON.parse(text)).toMatchObject({ ok: false, checks: expect.any(Array) });
  });
});
