import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliProject, cliPath, openCliProject } from '../support/cli.js';

describe('completion', () => {
  let project: CliProject;
  let bin: string;

  beforeAll(() => {
    project = openCliProject();
    bin = mkdtempSync(join(tmpdir(), 'ringfence-bin-'));
    const command = join(bin, 'ringfence');
    writeFileSync(command, `#!/bin/sh\nexec '${process.execPath}' '${cliPath()}' "$@"\n`);
    chmodSync(command, 0o755);
  });
  afterAll(() => {
    rmSync(bin, { recursive: true, force: true });
    rmSync(project.root, { recursive: true, force: true });
  });

  /** What bash offers after the words; the last one is the one that is being typed. */
  const offered = (...words: string[]): string[] => {
    const script = `
      eval "$(ringfence completion bash)"
      COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
      _ringfence "$1"
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { status, stdout, stderr } = spawnSync('bash', ['--norc', '-uc', script, 'bash', ...words], {
      cwd: project.root,
      env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, '']);
    return stdout.trimEnd().split('\n');
  };

  test('ends without a word when nobody reads on', () => {
    const { stderr } = spawnSync('bash', ['-c', '{ ringfence -h; echo "status $?" >&2; } | true'], {
      env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
      encoding: 'utf8',
    });
    expect(stderr).toBe('status 0\n');
  });

  test.each(['bash', 'zsh', 'fish'])('prints a script for %s that asks this program', async (shell) => {
    const { status, stdout, stderr } = await project.run(['completion', shell]);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`${shell} completion for ringfence`);
    expect(stdout).toContain('complete -- ');
  });

  test('bash completes commands, their commands, their options and the choices of these', () => {
    expect(offered('ringfence', 'ten')).toEqual(['tenants']);
    expect(offered('ringfence', 'tenants', '')).toEqual(expect.arrayContaining(['add', 'list', 'remove']));
    expect(offered('ringfence', 'tenants', 'preview', '--ex')).toEqual(['--expect-no-changes']);
    expect(offered('ringfence', 'tenants', 'add', '--tier', 'sh')).toEqual(['shared']);
    expect(offered('ringfence', 'nothing-like-this', 'x')).toEqual(['']);
  });

  test('bash runs nothing that stands on the command line', () => {
    expect(offered('ringfence', 'tenants', `$(touch ${join(project.root, 'touched')})`, 'li')).toEqual(['']);
    expect(spawnSync('ls', [project.root], { encoding: 'utf8' }).stdout).not.toContain('touched');
  });

  test('answers a request with values and what they mean, a directive at the end', async () => {
    const { status, stdout } = await project.run(['complete', '--', 'ten']);
    expect([status, stdout]).toEqual([0, 'tenants\tthe clinics that are onboarded\n:4\n']);
  });

  test.each([[['completion', 'tcsh']], [['completion']], [['completion', 'bash', 'zsh']]])(
    'refuses %j and says what there is',
    async (args) => {
      const { status, stdout, stderr } = await project.run(args);
      expect([status, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(/^error: .*(?:zsh, bash, fish|missing required argument|too many arguments)/);
    },
  );

  test('is in the help', async () => {
    expect((await project.run(['--help'])).stdout).toContain('completion <shell>');
  });
});
