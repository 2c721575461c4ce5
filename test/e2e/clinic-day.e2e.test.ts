import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliProject, ENGINE_TIMEOUT_MS, openCliProject, prepareEngine } from '../support/cli.js';

const BAD_SCHEMA = readFileSync(new URL('../fixtures/bad-schema.sql', import.meta.url), 'utf8');
const SLUG = 'clinica-lavanda';

interface Finding {
  rule: string;
  object: string;
  fix: string;
}

beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);

describe('a day with two clinics', () => {
  let project: CliProject;

  beforeAll(async () => {
    project = openCliProject();
    project.manifest('vecina');
    await project.deploy();
    expect((await project.run(['demo', 'load', 'vecina', '--patients', '30'])).status).toBe(0);
  });
  afterAll(async () => {
    expect(await project.purge()).toEqual([]);
  });

  test('a clinic is onboarded by flags alone, proved and backed up', async () => {
    const flags = [
      '--legal-name',
      'Clínica Lavanda, S.L.',
      '--vertical',
      'psychology',
      '--admin-name',
      'Begoña Núñez',
    ];
    const summary = await project.json<Record<string, unknown>>([
      'tenants',
      'add',
      SLUG,
      ...flags,
      '--admin-email',
      'b@lavanda.example',
      '--yes',
    ]);
    expect(summary).toMatchObject({
      slug: SLUG,
      cell: 'shared-eu-central-1',
      isolation: { leaks: 0, unproven: 0 },
      backup: { verified: true },
    });
    expect(JSON.stringify(summary)).not.toContain('password');
  });

  test('rows are lost and come back; the neighbour keeps every byte', async () => {
    await project.json(['demo', 'load', SLUG, '--patients', '40']);
    await project.json(['backups', 'run', SLUG]);
    const neighbour = await project.json<{ digest: string }>(['backups', 'run', 'vecina']);
    const [tenant] = await project.cell<{ id: string }>(
      'shared-eu-central-1',
      'SELECT c.id FROM ringfence.clinics c JOIN ringfence.tenants t ON t.id = c.tenant_id WHERE t.slug = $1',
      [SLUG],
    );
    // Row by row; the digest of the tenant has its audit log in it, which grows.
    const lines = () =>
      project.cell(
        'shared-eu-central-1',
        `SELECT md5(string_agg(l::text, '|' ORDER BY l.id)) AS digest FROM clinical.invoice_lines l WHERE clinic_id = $1`,
        [tenant?.id],
      );
    const before = await lines();
    await project.cell('shared-eu-central-1', 'DELETE FROM clinical.invoice_lines WHERE clinic_id = $1', [
      tenant?.id,
    ]);

    const dry = await project.run([
      'backups',
      'restore',
      SLUG,
      '--table',
      'clinical.invoice_lines',
      '--dry-run',
    ]);
    expect(dry.stdout).toContain('dry run: nothing was changed');
    const report = await project.json<{ tables: { table: string; inserted: number }[] }>([
      'backups',
      'restore',
      SLUG,
      '--table',
      'clinical.invoice_lines',
      '--yes',
    ]);
    expect(report.tables.find(({ table }) => table === 'clinical.invoice_lines')?.inserted).toBeGreaterThan(
      0,
    );
    expect(await lines()).toEqual(before);
    expect((await project.json<{ digest: string }>(['backups', 'run', 'vecina'])).digest).toBe(
      neighbour.digest,
    );
  });

  test('the invented patients are readable in their scripts', async () => {
    const [shown] = await project.json<{ patients: { patientName: string; locale: string }[] }[]>([
      'demo',
      'show',
      SLUG,
    ]);
    expect(shown?.patients.some(({ patientName }) => /\p{Script=Arabic}/u.test(patientName))).toBe(true);
    expect(shown?.patients.some(({ locale }) => locale.startsWith('es'))).toBe(true);
  });
});

describe('a schema made bad on purpose', () => {
  let project: CliProject;

  beforeAll(async () => {
    project = openCliProject();
    expect((await project.run(['cells', 'up'])).status).toBe(0);
  });
  afterAll(async () => {
    expect(await project.purge()).toEqual([]);
  });

  test('the lint is clean, then names each hole', async () => {
    expect(await project.json(['schema', 'lint'])).toEqual([{ cell: 'shared-eu-central-1', findings: [] }]);
    await project.cell('shared-eu-central-1', BAD_SCHEMA);
    const { status, stdout } = await project.run(['schema', 'lint', '--json']);
    expect(status).toBe(5);
    const [report] = JSON.parse(stdout) as { findings: Finding[] }[];
    const named = new Set(report?.findings.map(({ rule, object }) => `${rule} ${object}`));
    const announced = [...BAD_SCHEMA.matchAll(/^-- hole: (.+)$/gm)].map((match) => match[1]);
    expect(announced.length).toBeGreaterThanOrEqual(15);
    for (const hole of announced) expect(named, hole).toContain(hole);
    expect(report?.findings.every(({ fix }) => fix.length > 0)).toBe(true);
  });

  test("a tenant whose table leaks is not onboarded as proved; what is Ringfence's own is put back", async () => {
    await project.cell(
      'shared-eu-central-1',
      `CREATE TABLE shop.notes (clinic_id uuid NOT NULL, note text);
       INSERT INTO shop.notes VALUES (gen_random_uuid(), 'of another clinic');
       GRANT USAGE ON SCHEMA shop TO ringfence_app; GRANT SELECT ON shop.notes TO ringfence_app`,
    );
    const other = await project.run([
      'tenants',
      'add',
      'clinica-tarde',
      '--legal-name',
      'Tarde',
      '--admin-name',
      'A',
      '--admin-email',
      'a@tarde.example',
      '-y',
    ]);
    expect(other.status).toBe(5);
    expect(other.stderr).toContain('policy clinic_boundary on clinical.visits is missing: put back');
    expect(other.stderr).toContain('[isolation_violated]');
    expect(other.stderr).toContain('ringfence schema lint');
  });
});
