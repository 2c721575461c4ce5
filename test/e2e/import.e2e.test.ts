import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliProject, ENGINE_TIMEOUT_MS, openCliProject, prepareEngine } from '../support/cli.js';

const CELL = 'shared-eu-central-1';

let project: CliProject;
let zip: string;

beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);
beforeAll(async () => {
  project = openCliProject();
  zip = join(project.root, 'export.zip');
  project.manifest('origen');
  project.manifest('destino', { clinics: [{ slug: 'playa', name: 'Playa', vertical: 'dental' }] });
  expect((await project.run(['tenants', 'apply', '--all', '-y'])).status).toBe(0);
  expect((await project.run(['demo', 'load', 'origen', '--patients', '20'])).status).toBe(0);
  expect((await project.run(['tenants', 'export', 'origen', '--out', zip])).status).toBe(0);
});
afterAll(async () => {
  expect(await project.purge()).toEqual([]);
});

const command = ['tenants', 'import', 'destino'];
const patients = async (): Promise<number | undefined> =>
  (
    await project.cell<{ n: number }>(
      CELL,
      `SELECT count(*)::int AS n FROM clinical.patients p JOIN ringfence.clinics c ON c.id = p.clinic_id WHERE c.slug = 'playa'`,
    )
  )[0]?.n;

test('an export comes into another tenant, once, and a killed import leaves nothing', async () => {
  const args = [...command, zip, '--clinic', 'centro=playa', '-y'];
  expect((await project.run([...command, zip, '-y'])).status).toBe(6);
  const killed = await project.run(args, { env: { RINGFENCE_CRASH_AT: 'import-written' } });
  expect(killed.signal).toBe('SIGKILL');
  expect(await patients()).toBe(0);
  const report = await project.json<{ added: Record<string, Record<string, number>> }>(args);
  expect(report.added.playa?.['clinical.patients']).toBe(20);
  expect(await patients()).toBe(20);
  const { stdout, status } = await project.run(args);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^0 rows added, \d+ were there already$/m);
  expect((await project.run(['audit', 'verify', 'destino'])).status).toBe(0);
  expect((await project.run(['backups', 'run', 'destino'])).status).toBe(0);
  const [patient] = await project.json<{ patients: { patientName: string }[] }[]>([
    'demo',
    'show',
    'destino',
  ]);
  expect(patient?.patients.length).toBeGreaterThan(0);
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
    clinic: playa
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
