import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliProject, ENGINE_TIMEOUT_MS, openCliProject, prepareEngine } from '../support/cli.js';

const SLUG = 'destino';
const CELL = 'shared-eu-central-1';

let project: CliProject;
let zip: string;

beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);
beforeAll(async () => {
  project = openCliProject();
  zip = join(project.root, 'export.zip');
  project.manifest(SLUG);
  await project.deploy();
  expect((await project.run(['demo', 'load', SLUG, '--patients', '20'])).status).toBe(0);
  expect((await project.run(['tenants', 'export', SLUG, '--out', zip])).status).toBe(0);
});
afterAll(async () => {
  expect(await project.purge()).toEqual([]);
});

const command = ['tenants', 'import', SLUG];
const patients = async (): Promise<number | undefined> =>
  (await project.cell<{ n: number }>(CELL, 'SELECT count(*)::int AS n FROM clinical.patients'))[0]?.n;

test('lost rows come back from an export, once, and a killed import leaves nothing', async () => {
  const args = [...command, zip, '-y'];
  expect((await project.run([...args, '--clinic', 'centro=playa'])).status).toBe(6);
  await project.cell(
    CELL,
    'TRUNCATE clinical.patients CASCADE; DELETE FROM clinical.staff; DELETE FROM clinical.services',
  );
  const killed = await project.run(args, { env: { RINGFENCE_CRASH_AT: 'import-written' } });
  expect(killed.signal).toBe('SIGKILL');
  expect(await patients()).toBe(0);
  const list = ['operations', 'list', '--tenant', SLUG, '--limit', '1'];
  const [broken] = await project.json<{ id: string; kind: string; state: string }[]>(list);
  expect(broken).toMatchObject({ kind: 'import', state: 'running' });
  const resumed = await project.run(['operations', 'resume', broken?.id ?? '', '-y']);
  expect([resumed.status, resumed.stderr]).toEqual([
    1,
    expect.stringContaining('`ringfence tenants import destino`'),
  ]);
  const report = await project.json<{ added: Record<string, Record<string, number>> }>(args);
  expect(report.added.centro?.['clinical.patients']).toBe(20);
  expect(await patients()).toBe(20);
  const { stdout, status } = await project.run(args);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^0 rows added, \d+ were there already$/m);
  expect((await project.run(['audit', 'verify', SLUG])).status).toBe(0);
  const [shown] = await project.json<{ patients: unknown[] }[]>(['demo', 'show', SLUG]);
  expect(shown?.patients.length).toBeGreaterThan(0);
});

test('every problem of CSV files is printed with its place, and nothing is imported', async () => {
  const csv = join(project.root, 'servicios.csv');
  const mapping = join(project.root, 'mapping.yaml');
  writeFileSync(csv, 'Codigo;Nombre;Minutos\nA1;Limpieza;0\nA2;;mucho\n');
  writeFileSync(
    mapping,
    `version: 1
separator: ';'
files:
  - file: servicios.csv
    table: clinical.services
    clinic: centro
    columns: { id: { id: Codigo }, name: Nombre, duration_minutes: Minutos }
`,
  );
  const args = [...command, csv, '--mapping', mapping, '-y'];
  const { status, stdout } = await project.run(args);
  expect(status).toBe(2);
  expect(stdout).toBe(
    `servicios.csv:2 duration_minutes breaks the rule CHECK (duration_minutes > 0)
servicios.csv:3 duration_minutes is not a value of the type integer
servicios.csv:3 name is required and has no value
problems: 3, files with any: 1; nothing was imported
`,
  );
  const json = await project.run([...args, '--json']);
  expect(JSON.parse(json.stdout)).toMatchObject({ problemCount: 3, added: {} });
  expect((await project.run([...command, csv, '-y'])).stderr).toContain('--mapping');
});
