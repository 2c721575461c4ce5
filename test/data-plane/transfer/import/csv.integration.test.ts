import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import { beforeAll, describe, expect, it } from 'vitest';
import { blindIndex } from '../../../../data-plane/keys/blind-index.js';
import type { ImportReport } from '../../../../data-plane/transfer/import/import-tenant.js';
import { useDatabase } from '../../../support/cell-database.js';
import type { DemoTenant } from '../../demo/clinics.js';
import { openExport } from '../export/archive.js';
import { exportOf, importInto, plantEmpty, stateOf, useFolder } from './scene.js';

const MAPPING = `version: 1
separator: ';'
files:
  - file: servicios.csv
    table: clinical.services
    clinic: madrid
    columns:
      id: { id: Codigo }
      name: Servicio
      duration_minutes: { column: Minutos, default: 30 }
      price_min_eur: { column: Precio, decimal: ',' }
  - file: personal.csv
    table: clinical.staff
    clinic: madrid
    columns:
      id: { id: Codigo }
      full_name: Nombre
      role: { column: Puesto, map: { Médico: doctor, Recepción: reception } }
      departments: { column: Areas, list: '|', default: general }
  - file: pacientes.csv
    table: clinical.patients
    clinic: madrid
    columns:
      id: { id: NHC }
      patient_name: Nombre
      phone: Teléfono
      medical_history: { column: Historia, default: sin datos }
      birth_date: { column: Nacimiento, date: dd/MM/yyyy }
      locale: { value: es }
  - file: citas.csv
    table: clinical.appointments
    separator: ','
    clinic: { column: Sede, map: { Centro: madrid, القاهرة: second } }
    columns:
      id: { id: [NHC, Fecha] }
      patient_id: { id: NHC, of: clinical.patients }
      staff_id: { id: Médico, of: clinical.staff }
      service_id: { id: Servicio, of: clinical.services }
      starts_at: { column: Fecha, time: 'dd/MM/yyyy HH:mm' }
      duration_minutes: { value: 30 }
      status: { column: Estado, map: { P: booked, R: done } }
`;

const FILES = {
  'servicios.csv':
    '\ufeffCodigo;Servicio;Minutos;Precio\r\nS1;Limpieza;45;1.250,50\r\nS2;"Ortodoncia; niños";;\r\n',
  'personal.csv':
    'Codigo;Nombre;Puesto;Areas\n7;Íñigo Núñez;Médico;cirugia|rayos\n8;مريم الأحمدي;Recepción;\n',
  'pacientes.csv':
    'NHC;Nombre;Teléfono;Historia;Nacimiento\n1001;Begoña Ñandú;+34 600 111 222;"Alergia a ""penicilina"";\nver informe";03/04/1980\n1002; أحمد عبد الله ;+20 100 111 2222;;29/02/2000\n',
  'citas.csv':
    'NHC,Médico,Servicio,Fecha,Estado,Sede\n1001,7,S1,15/07/2026 09:30,P,Centro\n1002,7,S2,15/01/2026 9:05,R,Centro\n',
};

describe('CSV files with a mapping', () => {
  const db = useDatabase();
  const folder = useFolder();
  let tenant: DemoTenant;

  const run = (
    files: Record<string, string | Uint8Array>,
    mapping = MAPPING,
    more: Parameters<typeof importInto>[3] = {},
  ): Promise<ImportReport> => {
    const path = folder.write(files);
    const mappingPath = `${path}.yaml`;
    writeFileSync(mappingPath, mapping);
    return importInto(db, tenant, path, { mappingPath, ...more });
  };
  const changed = (file: keyof typeof FILES, change: (text: string) => string) => ({
    ...FILES,
    [file]: change(FILES[file]),
  });

  beforeAll(async () => {
    tenant = await plantEmpty(db, 'madrid');
  });

  it('come in whole: keys, accents, Arabic, dates, zones, lists, money, lines within cells', async () => {
    const report = await run(FILES);
    expect(report.problems).toEqual([]);
    expect(report.added).toEqual({
      [tenant.clinics[0].id]: {
        'clinical.services': 2,
        'clinical.staff': 2,
        'clinical.patients': 2,
        'clinical.appointments': 2,
      },
    });
    const zip = join(folder.path, 'out.zip');
    await exportOf(db, tenant, 'madrid', zip);
    const { objects } = openExport(zip, join(folder.path, 'out'));
    const patients = objects('clinics/madrid/clinical.patients.jsonl');
    const begona = patients.find(({ patient_name }) => patient_name === 'Begoña Ñandú');
    expect(begona).toMatchObject({
      phone: '+34 600 111 222',
      medical_history: 'Alergia a "penicilina";\nver informe',
      birth_date: '1980-04-03',
      locale: 'es',
    });
    const ahmed = patients.find(({ patient_name }) => patient_name === 'أحمد عبد الله');
    expect(ahmed).toMatchObject({ medical_history: 'sin datos', birth_date: '2000-02-29' });
    const services = objects('clinics/madrid/clinical.services.jsonl');
    expect(services).toContainEqual(
      expect.objectContaining({ name: 'Limpieza', duration_minutes: 45, price_min_eur: 1250.5 }),
    );
    expect(services).toContainEqual(
      expect.objectContaining({ name: 'Ortodoncia; niños', duration_minutes: 30, price_min_eur: null }),
    );
    expect(objects('clinics/madrid/clinical.staff.jsonl')).toContainEqual(
      expect.objectContaining({
        full_name: 'Íñigo Núñez',
        role: 'doctor',
        departments: ['cirugia', 'rayos'],
      }),
    );
    // The clinic is in Madrid: summer time in July, none in January.
    expect(objects('clinics/madrid/clinical.appointments.jsonl')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          patient_id: begona?.id,
          starts_at: '2026-07-15T07:30:00+00:00',
          status: 'booked',
        }),
        expect.objectContaining({
          patient_id: ahmed?.id,
          starts_at: '2026-01-15T08:05:00+00:00',
          status: 'done',
        }),
      ]),
    );
    const { rowCount } = await db.admin.query('SELECT FROM clinical.patients WHERE patient_name_index = $1', [
      blindIndex(tenant.key, tenant.clinics[0].id).name('احمد عبد الله'),
    ]);
    expect(rowCount).toBe(1);
  });

  it('change nothing the second time, and add what is new', async () => {
    const before = await stateOf(db, tenant);
    expect(await run(FILES)).toMatchObject({ added: {}, same: 8, problems: [] });
    expect(await stateOf(db, tenant)).toEqual(before);
    const more = changed('pacientes.csv', (text) => `${text}1003;Ana;+34 600;;\n`);
    expect((await run(more, MAPPING, { dryRun: true })).added).toEqual({
      [tenant.clinics[0].id]: { 'clinical.patients': 1 },
    });
    expect(await stateOf(db, tenant)).toEqual(before);
  });

  it('tell all problems of all files at once, and change nothing', async () => {
    const before = await stateOf(db, tenant);
    const report = await run({
      'servicios.csv':
        'Codigo;Servicio;Minutos;Precio\nS1;Limpieza;60;1.250,50\nS8;;-5;12.5,0\nS9;x;mucho;1\nS9;y;1;1\n',
      'personal.csv': 'Codigo;Nombre;Puesto;Areas\n9;x;Jefe;Bad Name\n',
      'pacientes.csv':
        'NHC;Nombre;Teléfono;Historia;Nacimiento\n2001;A;+1;;31/02/2020\n2002;B;+1;;2020-01-01\n;C;+1;;\n2003;D\n',
      'citas.csv':
        'NHC,Médico,Servicio,Fecha,Estado,Sede\n4711,7,S1,15/07/2026 25:00,X,Centro\n1001,7,S1,15/07/2026 10:00,P,Luna\n1001,7,S1,15/07/2026 10:00,P,القاهرة\n',
    });
    const told = report.problems.map(
      ({ file, line, column, message }) => `${file}:${line} ${column}: ${message}`,
    );
    const expected = [
      /^servicios.csv:2 duration_minutes: differs from the row/,
      /^servicios.csv:3 name: is required/,
      /^servicios.csv:3 duration_minutes: breaks the rule CHECK \(duration_minutes > 0\)/,
      /^servicios.csv:3 price_min_eur: is not a number with ","/,
      /^servicios.csv:4 duration_minutes: is not a value of the type integer/,
      /^servicios.csv:5 id: is given twice, first in servicios.csv on line 4/,
      /^personal.csv:2 role: has a value that the map has not/,
      /^personal.csv:2 departments: breaks the rule/,
      /^pacientes.csv:2 birth_date: is not a date as dd\/MM\/yyyy/,
      /^pacientes.csv:3 birth_date: is not a date/,
      /^pacientes.csv:4 id: is required/,
      /^pacientes.csv:5 null: has 2 cells, and the header 5/,
      /^citas.csv:2 patient_id: refers to a row of clinical.patients that is neither/,
      /^citas.csv:2 starts_at: is not a time as/,
      /^citas.csv:2 status: has a value that the map has not/,
      /^citas.csv:3 null: names a clinic that the map has not/,
      /^citas.csv:4 patient_id: refers to a row/,
      /^citas.csv:4 staff_id: refers to a row/,
      /^citas.csv:4 service_id: refers to a row/,
    ];
    for (const pattern of expected) expect(told).toContainEqual(expect.stringMatching(pattern));
    expect(told).toHaveLength(expected.length);
    expect(report.problemCount).toBe(expected.length);
    expect(await stateOf(db, tenant)).toEqual(before);
  });

  it.each([
    [
      'a quote that is never closed',
      'personal.csv',
      'Codigo;Nombre;Puesto;Areas\n1;"x;Médico;\n',
      /never closed/,
    ],
    ['an empty file', 'personal.csv', '', /is empty/],
    ['a header without a column', 'personal.csv', 'Codigo;Nombre;Areas\n', /has no columns "Puesto"/],
    [
      'a header with a column twice',
      'personal.csv',
      'Codigo;Nombre;Puesto;Areas;Nombre\n',
      /has 2 columns "Nombre"/,
    ],
    ['another separator', 'personal.csv', 'Codigo,Nombre,Puesto,Areas\n', /has no columns "Codigo"/],
    ['a NUL', 'personal.csv', 'Codigo;Nombre;Puesto;Areas\n1;a\0b;Médico;\n', /NUL/],
    ['a separator in a name', 'personal.csv', 'Codigo;Nombre;Puesto;Areas\n1;a;b;Médico;\n', /has 5 cells/],
    [
      'a separator in a name beside an empty column',
      'personal.csv',
      'Codigo;Nombre;Puesto;Areas;\n1;a;b;Médico;x\n',
      /column 5, which has no name/,
    ],
    [
      'a file that was joined to another',
      'personal.csv',
      'Codigo;Nombre;Puesto;Areas\n\ufeffCodigo;Nombre;Puesto;Areas\n',
      /the header again/,
    ],
    ['another separator by its first line', 'personal.csv', 'sep=,\nCodigo,Nombre\n', /separator ","/],
    [
      'a quote within a cell',
      'personal.csv',
      'Codigo;Nombre;Puesto;Areas\n1;a "b" c;Médico;\n',
      /quote stands within/,
    ],
    [
      'an id that a spreadsheet shortened',
      'personal.csv',
      'Codigo;Nombre;Puesto;Areas\n3,46E+10;x;Médico;\n',
      /is made of a cell that .*shortened/,
    ],
    [
      'an id with decimals',
      'personal.csv',
      'Codigo;Nombre;Puesto;Areas\n1001.0;x;Médico;\n',
      /number that got decimals/,
    ],
    [
      'a phone with decimals',
      'pacientes.csv',
      'NHC;Nombre;Teléfono;Historia;Nacimiento\n1;A;34600000001.0;;\n',
      /number that got decimals/,
    ],
    ['money that is none', 'servicios.csv', 'Codigo;Servicio;Minutos;Precio\nS3;x;;NaN\n', /not a number/],
    ['an encoding that is unknown', 'personal.csv', Buffer.from('1;\xa4\n', 'latin1'), /say `encoding`/],
  ])('%s is a problem', async (_, file, text, message) => {
    const report = await run({ ...FILES, [file]: text }, MAPPING, { dryRun: true });
    expect(report.problems).toContainEqual(
      expect.objectContaining({ file, message: expect.stringMatching(message) }),
    );
  });

  it('are the same rows however the other system wrote the files', async () => {
    const before = await stateOf(db, tenant);
    const taken = (text: string): string => text.normalize('NFD');
    const { 'pacientes.csv': patients, ...others } = FILES;
    const report = await run(
      {
        'servicios.csv': `\ufeffsep=;\r\n${others['servicios.csv'].slice(1)}`,
        'personal.csv': iconv.encode(others['personal.csv'].replace(/8;.*\n/, ''), 'windows-1252'),
        [taken('niños.csv')]: iconv.encode(patients.replace('Teléfono', taken), 'utf-16le'),
        'citas.csv': taken(others['citas.csv']).replace('\n', '\r\n'),
      },
      MAPPING.replace('pacientes.csv', 'niños.csv'),
    );
    expect(report).toMatchObject({ added: {}, same: 7, problems: [] });
    expect(report.files.map(({ encoding }) => encoding)).toEqual([
      'utf-8',
      'windows-1252',
      'utf-16le',
      'utf-8',
    ]);
    expect(await stateOf(db, tenant)).toEqual(before);
  });

  it('can be one file by itself', async () => {
    const path = join(folder.write(FILES), 'personal.csv');
    const mappingPath = `${path}.yaml`;
    const [head = ''] = MAPPING.split('files:');
    const part = MAPPING.slice(MAPPING.indexOf('  - file: personal'), MAPPING.indexOf('  - file: pacientes'));
    writeFileSync(mappingPath, `${head}files:\n${part}`);
    expect(await importInto(db, tenant, path, { mappingPath })).toMatchObject({ same: 2, problems: [] });
  });

  it.each([
    ['no YAML', '{', /:\d+:\d+ /],
    ['another version', MAPPING.replace('version: 1', 'version: 2'), /:1:10 version: /],
    [
      'an unknown key',
      MAPPING.replace('separator', 'seperator'),
      /:2:1 seperator: is not a known key.*"separator"/,
    ],
    [
      'an unknown table',
      MAPPING.replace('clinical.services\n', 'clinical.servises\n'),
      /:5:12 files\[0\]\.table: is no table.*clinical.services/,
    ],
    [
      'a table of the platform',
      MAPPING.replace('table: clinical.services', 'table: clinical.subscriptions'),
      /table: is written by the platform only/,
    ],
    [
      'an unknown column',
      MAPPING.replace('full_name:', 'fullname:'),
      /fullname: is no column of clinical.staff.*"full_name"/,
    ],
    ['the clinic as a column', MAPPING.replace('locale:', 'clinic_id:'), /clinic_id: is no column/],
    [
      'a missing key',
      MAPPING.replace('      id: { id: NHC }\n', ''),
      /files\[2\]\.columns: has no id, which/,
    ],
    ['a missing required column', MAPPING.replace('      phone: Teléfono\n', ''), /has no phone, which/],
    ['a file that is not there', MAPPING.replace('citas.csv', 'otras.csv'), /is no file of the source/],
    ['a path that climbs out', MAPPING.replace('citas.csv', '../citas.csv'), /is not a path below/],
    ['an encoding that is none', MAPPING.replace('version: 1', 'version: 1\nencoding: ansi'), /encoding: /],
    [
      'decimals of a text',
      MAPPING.replace('Servicio\n', "{ column: Servicio, decimal: ',' }\n"),
      /is for numbers/,
    ],
    ['two sources', MAPPING.replace('{ value: es }', '{ value: es, column: x }'), /has not one source/],
    ['a pattern that is none', MAPPING.replace('dd/MM/yyyy }', 'dd/MMM/yy }'), /is not a pattern/],
    [
      'a pattern for a text',
      MAPPING.replace('full_name: Nombre', 'full_name: { column: Nombre, date: dd/MM/yyyy }'),
      /is for dates and times/,
    ],
    [
      'an id for a number',
      MAPPING.replace('{ value: 30 }', '{ id: NHC }'),
      /is for columns of the type uuid/,
    ],
    [
      'a zone that is none',
      MAPPING.replace('version: 1', 'version: 1\ntimeZone: Europe/Atlantis'),
      /is not a time zone/,
    ],
  ])('a mapping with %s is refused with its place', async (_, mapping, message) => {
    const before = await stateOf(db, tenant);
    await expect(run(FILES, mapping)).rejects.toMatchObject({
      code: 'import_invalid',
      message: expect.stringMatching(message),
    });
    expect(await stateOf(db, tenant)).toEqual(before);
  });

  it('tells every mistake of a mapping at once', async () => {
    const mapping = MAPPING.replace('full_name:', 'fullname:').replace('locale:', 'lokale:');
    const error: unknown = await run(FILES, mapping).catch((reason: unknown) => reason);
    expect((error as Error).message.split('\n').length).toBe(4);
  });
});
