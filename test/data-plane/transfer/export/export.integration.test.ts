import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { followExport } from '../../../../data-plane/audit/export.js';
import { blindIndex } from '../../../../data-plane/keys/blind-index.js';
import { encryptField, fieldKey } from '../../../../data-plane/keys/field-envelope.js';
import type { TenantKey } from '../../../../data-plane/keys/tenant-key.js';
import { type ExportReport, exportTenant } from '../../../../data-plane/transfer/export/export-tenant.js';
import { useDatabase } from '../../../support/cell-database.js';
import type { DemoTenant } from '../../demo/clinics.js';
import { plantSealedTenant, readFields, versionsOf } from '../../keys/rotation/scene.js';
import { type OpenedExport, openExport } from './archive.js';

const CANARY = 'canary-of-another-tenant';
const SCRIPT = '<script>alert("x")</script>';
const HOSTILE = [
  '=HYPERLINK("http://example.test","x")',
  '+1+1',
  '-2+3',
  '@SUM(A1)',
  '\t=1',
  '\r=1',
  '\n=1',
  '＝1+1',
  "'quoted",
  'a,b;"c"\r\nsecond line',
  ' =1+1 ',
  '',
  'null',
  'مريم الأحمدي \u202e ltr',
  'Begoña Ñandú 👩‍⚕️',
  SCRIPT,
];

describe('An export', () => {
  const db = useDatabase();
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-export-'));
  const zip = join(folder, 'all.zip');
  let tenant: DemoTenant;
  let keys: TenantKey[];
  let report: ExportReport;
  let opened: OpenedExport;

  const exportTo = (path: string, clinics: readonly string[] = [], of = keys): Promise<ExportReport> =>
    exportTenant({
      admin: db.connection,
      tenant: { id: tenant.tenantId, slug: 'aurora', legalName: `Aurora ${SCRIPT}` },
      keys: of,
      clinics,
      path,
      exportId: randomUUID(),
      toolVersion: '9.9.9',
      now: new Date('2026-11-22T10:00:00Z'),
    });

  const plantPatient = async (clinicId: string, key: TenantKey, name: string, history: string) => {
    const id = randomUUID();
    const seal = (column: string, text: string): Buffer =>
      encryptField(fieldKey(key, clinicId), { table: 'clinical.patients', column, rowId: id }, text);
    const index = blindIndex(key, clinicId);
    await db.admin.query(
      `INSERT INTO clinical.patients (clinic_id, id, patient_name_sealed, patient_name_index, phone_sealed, phone_index,
         medical_history_sealed, locale) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [
        clinicId,
        id,
        seal('patient_name_sealed', name),
        index.name('x'),
        seal('phone_sealed', '+34 600 000 000'),
        index.phone('+34 600 000 000'),
        seal('medical_history_sealed', history),
        name,
      ],
    );
  };

  beforeAll(async () => {
    tenant = await plantSealedTenant(db, 'aurora', 40);
    keys = versionsOf(tenant, 2);
    const [first, second] = keys as [TenantKey, TenantKey];
    const [clinic] = tenant.clinics;
    for (const [at, text] of HOSTILE.entries())
      await plantPatient(clinic.id, at % 2 === 0 ? first : second, text, text);
    await db.admin.query(`UPDATE ringfence.clinics SET name = $2 WHERE id = $1`, [clinic.id, SCRIPT]);
    await db.admin.query(`UPDATE ringfence.clinics SET name = $2 WHERE id = $1`, [
      tenant.clinics[1].id,
      'عيادة النور',
    ]);
    const other = await plantSealedTenant(db, 'neighbour', 20);
    await plantPatient(other.clinics[0].id, other.key, CANARY, CANARY);
    await db.admin.query('UPDATE clinical.staff SET full_name = $2 WHERE clinic_id = $1', [
      other.clinics[0].id,
      CANARY,
    ]);
    report = await exportTo(zip);
    opened = openExport(zip, join(folder, 'all'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('has every row of every clinic as it is in the database, in both formats', async () => {
    const { texts } = await readFields(db.admin, tenant, keys);
    const events = `t.action <> 'export'`;
    let values = 0;
    let rows = 0;
    for (const clinic of report.clinics) {
      for (const [table, count] of Object.entries(clinic.tables)) {
        const path = `clinics/${clinic.slug}/${table}`;
        const live = await db.admin.query<{ row: Record<string, unknown> }>(
          `SELECT to_jsonb(t) AS row FROM ${table} t
            WHERE clinic_id = $1 AND ${table === 'clinical.audit_events' ? events : 'true'}`,
          [clinic.id],
        );
        const expected = live.rows.map(({ row }) =>
          Object.fromEntries(
            Object.entries(row)
              .filter(([column]) => !column.endsWith('_index'))
              .map(([column, value]) =>
                column.endsWith('_sealed')
                  ? [column.slice(0, -7), texts.get(`${table}/${column}/${row.id}`) ?? null]
                  : [column, value],
              ),
          ),
        );
        const objects = opened.objects(`${path}.jsonl`);
        const order = (list: readonly Record<string, unknown>[]) =>
          list.map((row) => JSON.stringify(row, Object.keys(row).sort())).sort();
        expect(order(objects.map(inServerTime))).toEqual(order(expected.map(inServerTime)));
        expect(objects).toHaveLength(count);

        const [header = [], ...lines] = opened.cells(`${path}.csv`);
        expect(lines).toHaveLength(count);
        for (const [at, line] of lines.entries()) {
          const object = objects[at] as Record<string, unknown>;
          expect(header).toEqual(Object.keys(object));
          expect(line.map((cell, column) => cellValue(cell, object[header[column] ?? '']))).toEqual(
            Object.values(object).map((value) => value ?? ''),
          );
          values += line.length;
        }
        rows += count;
      }
    }
    expect(rows).toBe(report.rows);
    console.log(
      `${rows} rows, ${values} values (${texts.size} sealed fields): the same in the database, JSON Lines and CSV`,
    );
  });

  it('turns nothing into a formula, and leaves JSON Lines as they were', () => {
    const names = (rows: readonly string[]) => rows.filter((name) => HOSTILE.includes(name)).sort();
    const objects = opened.objects('clinics/aurora/clinical.patients.jsonl');
    expect(names(objects.map((row) => String(row.patient_name)))).toEqual([...HOSTILE].sort());
    let guarded = 0;
    for (const path of opened.paths.filter((name) => name.endsWith('.csv'))) {
      expect(opened.text(path).startsWith('\ufeff')).toBe(true);
      for (const cell of opened.cells(path).flat()) {
        if (/^'/.test(cell)) guarded += 1;
        else expect(/^[=+@\t\r\n＝＋－＠]|^-(?!\d+(\.\d+)?$)/.test(cell), cell).toBe(false);
      }
    }
    expect(guarded).toBeGreaterThan(40);
    expect(opened.text('clinics/aurora/clinical.patients.csv')).toContain(`'=HYPERLINK(""http`);
    expect(opened.text('clinics/aurora/clinical.invoices.jsonl')).toMatch(/"total_eur":\d+\.\d\d/);
  });

  it('has nothing of another tenant, no envelope and no blind index', () => {
    for (const path of opened.paths) {
      const text = opened.text(path);
      expect(text, path).not.toContain(CANARY);
      if (!['dictionary.json', 'audit.jsonl'].includes(path))
        expect(text, path).not.toMatch(/_(sealed|index)\b/);
    }
  });

  it('says what it is: sums, manifest, dictionary, audit chain', async () => {
    const checked = opened.checkSums().trim().split('\n');
    expect(checked).toHaveLength(opened.paths.length - 1);
    expect(checked.every((line) => line.endsWith(': OK'))).toBe(true);
    const { bytes, sealedTo, ...manifest } = report;
    expect(JSON.parse(opened.text('manifest.json'))).toEqual(JSON.parse(JSON.stringify(manifest)));
    expect([bytes, sealedTo, statSync(zip).mode & 0o777]).toEqual([statSync(zip).size, [], 0o600]);
    const dictionary = JSON.parse(opened.text('dictionary.json')) as {
      table: string;
      columns: { name: string }[];
    }[];
    for (const { table, columns } of dictionary)
      expect(opened.cells(`clinics/second/${table}.csv`)[0]).toEqual(columns.map(({ name }) => name));
    expect(dictionary.find(({ table }) => table === 'clinical.visits')).toMatchObject({
      primaryKey: ['clinic_id', 'id'],
      references: expect.arrayContaining([
        { columns: ['clinic_id', 'patient_id'], table: 'clinical.patients', to: ['clinic_id', 'id'] },
      ]),
      rules: expect.arrayContaining([expect.stringContaining('WITH_DOCTOR')]),
    });
    const lines = opened.text('audit.jsonl').split('\n');
    const chain = await followExport(
      (async function* () {
        yield* lines;
      })(),
    );
    expect([chain?.problems, chain?.seq]).toEqual([[], lines.length - 3]);
  });

  it('has an index page that shows names as they are and runs nothing', () => {
    const page = opened.text('index.html');
    expect(page).toContain('عيادة النور');
    expect(page).toContain('dir="auto"');
    expect(page).toContain('&lt;script&gt;alert(&quot;x&quot;)');
    expect(page).not.toMatch(/<script|https?:|\son\w+=/i);
    const links = [...page.matchAll(/href="([^"#]+)"/g)].map(([, link]) => decodeURIComponent(link ?? ''));
    expect(links.length).toBeGreaterThan(60);
    expect(links.filter((link) => !opened.paths.includes(link))).toEqual([]);
    expect(page).not.toContain('HYPERLINK');
  });

  it('of one clinic has nothing of the other one, and each clinic hears of its own', async () => {
    const events = async () =>
      (
        await db.admin.query<{ id: string; detail: Record<string, unknown> }>(
          `SELECT clinic_id AS id, detail FROM clinical.audit_events WHERE action = 'export' ORDER BY at`,
        )
      ).rows;
    const before = await events();
    expect(new Set(before.map(({ id }) => id))).toEqual(new Set(tenant.clinics.map(({ id }) => id)));
    const one = await exportTo(join(folder, 'one.zip'), ['second']);
    expect([one.complete, one.clinics.map(({ slug }) => slug)]).toEqual([false, ['second']]);
    const part = openExport(join(folder, 'one.zip'), join(folder, 'one'));
    expect(part.paths).not.toContain('audit.jsonl');
    for (const path of part.paths) expect(part.text(path), path).not.toContain(tenant.clinics[0].id);
    expect(part.checkSums()).not.toContain('FAILED');
    const told = (await events()).slice(before.length);
    const { id, tables } = one.clinics[0] as ExportReport['clinics'][number];
    expect(told).toEqual([{ id, detail: { export: one.id, rows: tables } }]);
  });

  it('appears whole or not at all', async () => {
    const path = join(folder, 'never.zip');
    const dead = join(folder, `.never.zip.${randomUUID()}.999999999.draft`);
    writeFileSync(dead, 'of a killed run');
    await expect(exportTo(path, [], keys.slice(0, 1))).rejects.toMatchObject({
      code: 'envelope_refused',
      message: expect.stringMatching(/^clinical\.patients\.\w+_sealed of row [0-9a-f-]{36} does not open/),
    });
    await expect(exportTo(path, ['nowhere'])).rejects.toMatchObject({ code: 'clinic_not_found' });
    await expect(exportTo(join(folder, 'no', 'x.zip'))).rejects.toMatchObject({ code: 'usage' });
    const before = readFileSync(zip);
    await expect(exportTo(zip)).rejects.toMatchObject({ code: 'usage' });
    expect(readFileSync(zip).equals(before)).toBe(true);
    await expect(exportTo('/dev/full/x.zip')).rejects.toMatchObject({ code: 'usage' });
    expect(readdirSync(folder).filter((name) => name.includes('never') || name.endsWith('.draft'))).toEqual(
      [],
    );
  });
});

/** A time in any zone as the instant that it names. */
const inServerTime = (row: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(row).map(([column, value]) => [
      column,
      typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) ? new Date(value).toISOString() : value,
    ]),
  );

/** The value of a cell, when it is of the kind that `like` is. */
const cellValue = (cell: string, like: unknown): unknown => {
  if (typeof like === 'string') return cell.replace(/^'/, '');
  return cell === '' ? '' : (JSON.parse(cell) as unknown);
};
