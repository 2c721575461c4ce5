import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { run } from '../../cli/run.js';
import { errorView, versionView } from '../../control-plane/view.js';
import { JSON_VERSION, VERSION } from '../../core/version.js';
import { memoryStream } from '../control-plane/doctor/memory-stream.js';

const ID = '5a6d2f0e-6a0f-4a7c-8a53-0f2f6c1d9e11';
const cwd = mkdtempSync(join(tmpdir(), 'ringfence-run-'));
afterAll(() => rmSync(cwd, { recursive: true }));

const json = async (...args: string[]): Promise<unknown> => {
  const stdout = memoryStream();
  const stderr = memoryStream();
  await run({
    args: [...args, '--json'],
    env: {},
    cwd,
    stdin: process.stdin,
    stdout: stdout as unknown as NodeJS.WriteStream,
    stderr: stderr as unknown as NodeJS.WriteStream,
    newId: () => ID,
  });
  return JSON.parse(stdout.text());
};

it('a command that fails says why with --json, and under what its traces are recorded', async () => {
  expect(errorView.parse(await json('tenants', 'show', 'nobody')).error).toMatchObject({
    code: 'tenant_not_found',
    correlationId: ID,
  });
});

it('--version says with --json by which version of the schemas it prints', async () => {
  const versions = { version: VERSION, schemaVersion: JSON_VERSION };
  expect(versionView.parse(await json('--version'))).toEqual(versions);
});

it('a result is printed by its view', async () => {
  expect(await json('tenants', 'list')).toEqual([]);
});
