import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliProject, ENGINE_TIMEOUT_MS, openCliProject, prepareEngine } from '../support/cli.js';

const SLUG = 'exportada';

let project: CliProject;

beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);
beforeAll(async () => {
  project = openCliProject();
  project.manifest(SLUG);
  expect((await project.run(['tenants', 'apply', SLUG, '-y'])).status).toBe(0);
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
