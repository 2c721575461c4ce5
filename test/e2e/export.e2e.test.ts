import { execFileSync } from 'node:child_process';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliProject, ENGINE_TIMEOUT_MS, openCliProject, prepareEngine } from '../support/cli.js';

const SLUG = 'exportada';

let project: CliProject;

beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);
beforeAll(async () => {
  project = openCliProject();
  project.manifest(SLUG);
  await project.deploy();
  expect((await project.run(['demo', 'load', SLUG, '--patients', '30'])).status).toBe(0);
});
afterAll(async () => {
  expect(await project.purge()).toEqual([]);
});

/** A file of the archive, read by another program than the one that wrote it. */
const read = (zip: string, suffix: string): string =>
  execFileSync('python3', [
    '-c',
    'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(z.read(next(n for n in z.namelist() if n.endswith(sys.argv[2]))).decode())',
    zip,
    suffix,
  ]).toString();

test('a clinic takes its data away in open formats, decrypted, and the clinic sees it in its log', async () => {
  const zip = join(project.root, 'export.zip');
  const report = await project.json<{ rows: number }>(['tenants', 'export', SLUG, '--out', zip]);
  expect(report.rows).toBeGreaterThan(200);
  expect(statSync(zip).mode & 0o777).toBe(0o600);
  const [patient] = await project.json<{ patients: { patientName: string }[] }[]>([
    'demo',
    'show',
    SLUG,
    '--limit',
    '1',
  ]);
  expect(read(zip, 'clinical.patients.jsonl')).toContain(patient?.patients[0]?.patientName ?? 'nobody');
  expect(read(zip, 'index.html')).toContain('<!doctype html>');
  const told = await project.json<{ action: string }[]>(['audit', 'query', SLUG, '--action', 'export']);
  expect(told).toHaveLength(1);
});

test.each([
  ['an unknown tenant', ['nobody'], 6],
  ['an unknown clinic', [SLUG, '--clinic', 'nowhere'], 6],
])('%s is named, and nothing is left', async (_, args, expected) => {
  const zip = join(project.root, 'refused.zip');
  expect((await project.run(['tenants', 'export', ...args, '--out', zip])).status).toBe(expected);
  expect(existsSync(zip)).toBe(false);
});

test('a file that is there, and a folder that is not, are refused', async () => {
  const zip = join(project.root, 'export.zip');
  expect((await project.run(['tenants', 'export', SLUG, '--out', zip])).status).toBe(2);
  const nowhere = join(project.root, 'nowhere', 'export.zip');
  expect((await project.run(['tenants', 'export', SLUG, '--out', nowhere])).status).not.toBe(0);
});

test('a sealed export comes back with its secret key, and a secret key is never taken for a recipient', async () => {
  const secret = await generateIdentity();
  const key = join(project.root, 'key.txt');
  writeFileSync(key, `${secret}\n`, { mode: 0o600 });
  const file = join(project.root, 'sealed.zip.age');
  const args = ['tenants', 'export', SLUG, '--out', file];
  const wrong = await project.run([...args, '--recipient', secret]);
  expect(wrong).toMatchObject({ status: 2, stderr: expect.stringContaining('SECRET') });
  expect(wrong.stderr + wrong.stdout).not.toContain(secret);
  expect((await project.run(args)).status).toBe(2);
  const recipient = await identityToRecipient(secret);
  const report = await project.json<{ sealedTo: string[] }>([...args, '--recipient', recipient]);
  expect(report.sealedTo).toEqual([recipient]);
  const command = ['tenants', 'import', SLUG, file, '--dry-run'];
  expect((await project.run(command)).status).toBe(2);
  const back = await project.json<{ same: number; problemCount: number }>([
    ...command,
    '--identity-file',
    key,
  ]);
  expect([back.problemCount, back.same > 100]).toEqual([0, true]);
});
