import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { anyVersionReader } from '../../../../data-plane/keys/rotation/any-version.js';
import { useDatabase } from '../../../support/cell-database.js';
import type { DemoTenant } from '../../demo/clinics.js';
import { openExport } from '../export/archive.js';
import { exportOf, importInto, plantEmpty, useFolder } from './scene.js';

describe('Tables of an application', () => {
  const db = useDatabase();
  const folder = useFolder();
  const zip = join(folder.path, 'shop.zip');
  const names = new Map([['seller', 'buyer']]);
  let from: DemoTenant;
  let to: DemoTenant;

  beforeAll(async () => {
    await db.admin.query(`
      CREATE SCHEMA shop;
      CREATE TYPE shop.colour AS ENUM ('red', 'green');
      CREATE TABLE shop.orders (
        clinic_id uuid NOT NULL, id bigint GENERATED ALWAYS AS IDENTITY, parent bigint, file text, line varchar(4), bad numeric(6, 2),
        colour shop.colour, tags text[], grid integer[], payload jsonb, raw bytea, span tstzrange, lasts interval, day date,
        doubled integer GENERATED ALWAYS AS (length(file) * 2) STORED, made timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (clinic_id, id), FOREIGN KEY (clinic_id, parent) REFERENCES shop.orders (clinic_id, id),
        CHECK (line IS NULL OR file IS NOT NULL));
      ALTER SCHEMA shop OWNER TO ringfence_owner;
      SELECT ringfence.protect('shop.orders');
      CREATE TABLE shop.cards (clinic_id uuid NOT NULL, id numeric(6, 2), text_sealed bytea, PRIMARY KEY (clinic_id, id));
      ALTER TABLE shop.cards OWNER TO ringfence_owner;
      SELECT ringfence.protect('shop.cards');`);
    from = await plantEmpty(db, 'seller');
    to = await plantEmpty(db, 'buyer');
    await db.admin.query(
      `INSERT INTO shop.orders (clinic_id, id, parent, file, line, bad, colour, tags, grid, payload, raw, span, lasts, day) OVERRIDING SYSTEM VALUE VALUES
       ($1, 9007199254740993, 2, 'a "quoted" \\ {file}', 'ñ123', 1.50, 'red', '{"a,b",NULL,"","NULL","\\"x\\""}', '{{1,2},{3,NULL}}',
        '{"n": 12345678901234567890.10, "t": "[1]", "l": [null, {"a": 1}]}', '\\x00ff', '[2026-01-01Z,2026-02-01Z)', '1 mon 2 days', 'infinity'),
       ($1, 2, NULL, '', NULL, NULL, NULL, '{}', NULL, '"text"', '', 'empty', NULL, NULL)`,
      [from.clinics[0].id],
    );
    await exportOf(db, from, 'seller', zip);
  });

  it('come back value for value, of every type, and refer to rows of their own', async () => {
    expect((await importInto(db, to, zip, { clinicNames: names })).problems).toEqual([]);
    const rowsOf = async ({ clinics }: DemoTenant) =>
      (
        await db.admin.query(
          `SELECT (to_jsonb(o) - 'clinic_id')::text AS row FROM shop.orders o WHERE clinic_id = $1 ORDER BY id`,
          [clinics[0].id],
        )
      ).rows;
    expect(await rowsOf(to)).toEqual(await rowsOf(from));
    expect(await rowsOf(to)).toHaveLength(2);
    expect(await importInto(db, to, zip, { clinicNames: names })).toMatchObject({ added: {}, same: 2 });
  });

  it('get new numbers after the imported ones', async () => {
    const { rows } = await db.admin.query('INSERT INTO shop.orders (clinic_id) VALUES ($1) RETURNING id', [
      to.clinics[0].id,
    ]);
    expect(rows).toEqual([{ id: '9007199254740994' }]);
  });

  it('have their own rules, which are told by the line', async () => {
    const { folder: opened } = openExport(zip, join(folder.path, 'shop'));
    const mapping = folder.write({
      'orders.csv': 'n,file,line,colour,bad\n7,,abc,red,1\n8,x,abcde,blue,12345.6\n9,x,a,green,1.5\n',
      'map.yaml': `version: 1
files:
  - file: orders.csv
    table: shop.orders
    clinic: buyer
    columns: { id: n, file: file, line: line, colour: colour, bad: bad, parent: { value: 2 } }
`,
    });
    const report = await importInto(db, to, mapping, { mappingPath: join(mapping, 'map.yaml') });
    expect(report.problems.map(({ line, column, message }) => `${line} ${column} ${message}`)).toEqual([
      expect.stringMatching(/^2 null breaks the rule CHECK \(line IS NULL OR file IS NOT NULL\)/),
      '3 line is not a value of the type character varying(4)',
      '3 colour is not a value of the type shop.colour',
      '3 bad is not a value of the type numeric(6,2)',
    ]);
    expect(opened).toBeDefined();
  });

  it('are sealed under ids as they are stored, or not taken', async () => {
    const csv = (...ids: string[]) =>
      folder.write({
        'cards.csv': `n,text\n${ids.map((id) => `${id},of ${id}\n`).join('')}`,
        'map.yaml': `version: 1
files:
  - { file: cards.csv, table: shop.cards, clinic: buyer, columns: { id: n, text: text } }
`,
      });
    const take = (path: string) => importInto(db, to, path, { mappingPath: join(path, 'map.yaml') });
    const refused = await take(csv('7', '08.00', '9.00'));
    expect(refused.problems.map(({ line, column, message }) => `${line} ${column} ${message}`)).toEqual([
      expect.stringMatching(/^2 id is not written as the database stores it/),
      expect.stringMatching(/^3 id is not written as the database stores it/),
    ]);
    expect((await take(csv('7.00', '8.00'))).problems).toEqual([]);
    const { rows } = await db.admin.query('SELECT id, text_sealed FROM shop.cards ORDER BY id');
    const read = anyVersionReader([to.key], to.clinics[0].id);
    expect(
      rows.map(({ id, text_sealed }) =>
        read({ table: 'shop.cards', column: 'text_sealed', rowId: id }, text_sealed),
      ),
    ).toEqual(['of 7.00', 'of 8.00']);
  });

  it('are missed in a cell that has not got them', async () => {
    await db.admin.query(`DELETE FROM ringfence.tenant_tables WHERE schema_name = 'shop'`);
    await expect(importInto(db, to, zip, { clinicNames: names })).rejects.toMatchObject({
      code: 'import_invalid',
      message: expect.stringContaining('shop.orders'),
    });
  });
});
