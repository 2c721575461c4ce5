import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { useDatabase } from '../../../support/cell-database.js';
import type { DemoTenant } from '../../demo/clinics.js';
import { openExport } from '../export/archive.js';
import { exportOf, importInto, plantEmpty, useFolder } from './scene.js';

describe('Values that JSON would change', () => {
  const db = useDatabase();
  const folder = useFolder();
  const zip = join(folder.path, 'exact.zip');
  let from: DemoTenant;

  beforeAll(async () => {
    await db.admin.query(`
      CREATE SCHEMA exact;
      CREATE TYPE exact.point AS (x integer, label text, payload jsonb);
      CREATE DOMAIN exact.ratio AS float8;
      CREATE DOMAIN exact.doc AS jsonb;
      CREATE DOMAIN exact.tags AS text[];
      CREATE TABLE exact.rows (clinic_id uuid NOT NULL, id integer NOT NULL, text_json json, doc jsonb, big float8, small float4,
        ratio exact.ratio, bounds integer[], floats float8[], docs jsonb[], jsons json[], at exact.point, ats exact.point[], grid text[], own exact.doc, tags exact.tags,
        PRIMARY KEY (clinic_id, id));
      ALTER SCHEMA exact OWNER TO ringfence_owner;
      SELECT ringfence.protect('exact.rows')`);
    from = await plantEmpty(db, 'exact');
    await db.admin.query(
      `INSERT INTO exact.rows VALUES
        ($1, 1, '{"a": 1, "a":2, "b": [1e2, 1.50]}', 'null', '-0', '-0', '-0', '[0:1]={1,2}', '{1,-0}', ARRAY['null', NULL, '"null"', '[1]']::jsonb[],
         ARRAY['{"a":1,"a":2}']::json[], (1, 'ñ "x"', 'null'), ARRAY[(2, NULL, '{}')]::exact.point[], '[2:3][-1:0]={{a,NULL},{"NULL",""}}', '{"a": [null, 1.50]}', '{"a,b",NULL}'),
        ($1, 2, 'null', '"null"', 0, 1.5, 'NaN', '{}', '{NULL,0}', '{}', NULL, NULL, '{}', '{{a,b}}', 'null', '{}'),
        ($1, 3, NULL, NULL, '-Infinity', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
        ($1, 4, '"null"', '{"a": null}', 1e300, 0.1, 2, '{1}', '[5:5]={1}', NULL, NULL, (NULL, NULL, NULL), NULL, NULL, '"x"', NULL)`,
      [from.clinics[0].id],
    );
    await exportOf(db, from, 'exact', zip);
  });

  const rowsOf = async ({ clinics }: DemoTenant) =>
    (
      await db.admin.query(
        `SELECT id, text_json::text, doc::text, big::text, small::text, ratio::text, bounds::text, floats::text, docs::text, jsons::text,
                at::text, ats::text, grid::text, own::text, tags::text FROM exact.rows WHERE clinic_id = $1 ORDER BY id`,
        [clinics[0].id],
      )
    ).rows;

  it('come back from JSON Lines without a difference', async () => {
    const to = await plantEmpty(db, 'exact-copy');
    const names = new Map([['exact', 'exact-copy']]);
    const report = await importInto(db, to, zip, { clinicNames: names });
    expect(report.problems).toEqual([]);
    expect(await rowsOf(to)).toEqual(await rowsOf(from));
    expect(await rowsOf(to)).toHaveLength(4);
    expect(await importInto(db, to, zip, { clinicNames: names })).toMatchObject({ added: {}, same: 4 });
  });

  it('are written as docs/formats.md says, JSON’s own null in CSV too', () => {
    const opened = openExport(zip, join(folder.path, 'exact'));
    const [first = '', second = '', third = ''] = opened.text('clinics/exact/exact.rows.jsonl').split('\n');
    expect(first).toContain('"text_json":{"a": 1, "a":2, "b": [1e2, 1.50]}');
    expect(first).toContain('"big":-0,"small":-0,"ratio":-0,"bounds":"[0:1]={1,2}"');
    expect(first).toMatch(/,"":\["doc"\]\}$/);
    expect(second).toMatch(/,"":\["text_json"\]\}$/);
    expect(third).not.toContain('"":');
    const [header = [], ...cells] = opened.cells('clinics/exact/exact.rows.csv');
    expect(cells.map((row) => row[header.indexOf('doc')])).toEqual(['null', 'null', '', '{"a": null}']);
  });
});
