import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { restoreBackup } from '../../../../data-plane/backup/tenant/restore/restore.js';
import type { RestoreSelection } from '../../../../data-plane/backup/tenant/restore/restore-plan.js';
import { restoreToFiles } from '../../../../data-plane/backup/tenant/restore/to-files.js';
import { dropSchemaCopy, restoreToSchema } from '../../../../data-plane/backup/tenant/restore/to-schema.js';
import { verifyBackup } from '../../../../data-plane/backup/tenant/verify.js';
import { quotedTable } from '../../../../data-plane/database/table-name.js';
import { TenantKey } from '../../../../data-plane/keys/tenant-key.js';
import { folderStore } from '../../../../data-plane/objects/folder-store.js';
import { useDatabase } from '../../../support/cell-database.js';
import { importInto, plantEmpty, useFolder } from '../../transfer/import/scene.js';
import earlier from './archives.json' with { type: 'json' };

// Archives, and an export, that an earlier commit made of tables as in schema.sql. They are never made again: what is added
// to the formats gets files of its own.
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const { tenantId, clinicId, slug } = earlier;
const database = useDatabase();
const folder = useFolder();
const run = (text: string, values: unknown[] = []) => database.admin.query(text, values);

const sources = () => {
  const key = new TenantKey(tenantId, 1, Buffer.from(earlier.key, 'hex'));
  const store = folderStore(join(folder.path, 'store'));
  return earlier.backups.map(({ backupId, digest, rows, rowsByTable }) => ({
    options: {
      admin: database.connection,
      tenantId,
      key,
      store,
      backupId,
      objectKey: `${tenantId}/${backupId}.backup`,
    },
    digest,
    rows,
    rowsByTable: rowsByTable as Readonly<Record<string, string[]>>,
  }));
};
/** Rows of a table as JSON, without these columns. */
const rowsOf = async (table: string, ...without: string[]): Promise<unknown[]> =>
  (
    await run(`SELECT to_jsonb(t) - $1::text[] AS row FROM ${table} t WHERE clinic_id = $2 ORDER BY 1`, [
      without,
      clinicId,
    ])
  ).rows.map(({ row }) => row);
const then = (texts: readonly string[] | undefined, ...without: string[]): unknown[] =>
  (texts ?? []).map((text) =>
    Object.fromEntries(
      Object.entries(JSON.parse(text) as object).filter(([name]) => !without.includes(name)),
    ),
  );
const sorted = (rows: unknown[]): string[] =>
  rows.map((row) => JSON.stringify(Object.entries(row as object).sort())).sort();

describe('A backup of an earlier version', () => {
  beforeAll(async () => {
    cpSync(here('store'), join(folder.path, 'store'), { recursive: true });
    await run(readFileSync(here('schema.sql'), 'utf8'));
    await run(
      `INSERT INTO ringfence.tenants (id, slug, state, login_role) VALUES ($1, $2, 'active', 'rf_t_earlier')`,
      [tenantId, slug],
    );
    await run(
      `INSERT INTO ringfence.clinics (id, tenant_id, slug, name, vertical, time_zone, state) VALUES ($1, $2, $3, $3, 'dental', 'Europe/Madrid', 'active')`,
      [clinicId, tenantId, slug],
    );
  });
  beforeEach(async () => {
    for (const table of [
      'shop."order"',
      'shop.orders',
      'shop.coupons',
      'clinical.services',
      'clinical.patients',
    ])
      if ((await run('SELECT to_regclass($1) AS there', [table])).rows[0].there !== null)
        await run(`DELETE FROM ${table} WHERE clinic_id = $1`, [clinicId]);
  });

  it('verifies and is restored, full or incremental, into the schema that it is of', async () => {
    for (const { options, digest, rows, rowsByTable } of sources()) {
      expect(await verifyBackup(options)).toEqual({ digest, rows });
      expect(await restoreBackup({ ...options, dryRun: false })).toMatchObject({ digest });
      for (const table of ['shop.orders', 'shop.order', 'shop.coupons', 'clinical.services'])
        expect(sorted(await rowsOf(quotedTable(table))), table).toEqual(sorted(then(rowsByTable[table])));
    }
  });

  describe('once the schema has changed', () => {
    beforeAll(async () => {
      await run(`DELETE FROM shop.coupons`);
      await run(
        `DELETE FROM ringfence.tenant_tables WHERE schema_name = 'shop' AND table_name = 'coupons'; DROP TABLE shop.coupons`,
      );
      await run(`DELETE FROM shop."order"; DELETE FROM shop.orders`);
      await run(`
        ALTER TABLE shop.orders ADD COLUMN channel text NOT NULL DEFAULT 'web', ADD COLUMN "madeBy" uuid DEFAULT gen_random_uuid(),
          ALTER COLUMN number TYPE bigint, ALTER COLUMN note TYPE text, ALTER COLUMN price TYPE numeric(12, 4), ALTER COLUMN colour TYPE text,
          DROP COLUMN lasts;
        ALTER TABLE shop."order" ALTER COLUMN order_id TYPE numeric, DROP CONSTRAINT order_clinic_id_order_id_fkey;
        ALTER TABLE clinical.services ADD COLUMN "isNew" boolean NOT NULL DEFAULT true;
        SELECT ringfence.protect('shop.orders'); SELECT ringfence.protect('shop."order"'); SELECT ringfence.protect('clinical.services')`);
    });

    it('verifies as before', async () => {
      for (const { options, digest, rows } of sources())
        expect(await verifyBackup(options)).toEqual({ digest, rows });
    });

    it.each<[string, RestoreSelection]>([
      ['whole', {}],
      ['by table', { tables: ['shop.orders', 'shop.order', 'clinical.services'] }],
      ['by a condition', { where: [{ column: 'clinic_id', value: clinicId }] }],
      ['of what is missing', { mode: 'missing-only' }],
      ['of what is newest', { mode: 'newest', tables: ['shop.orders', 'shop.order'] }],
    ])('maps columns by their names: %s', async (_, selection) => {
      for (const { options, rowsByTable } of sources()) {
        const dry = await restoreBackup({ ...options, ...selection, dryRun: true });
        expect(await rowsOf('shop.orders')).toEqual([]);
        const report = await restoreBackup({ ...options, ...selection, dryRun: false });
        expect(report).toEqual(dry);
        expect(report.changes).toEqual(
          expect.arrayContaining([
            { table: 'shop.coupons', column: null, change: 'gone' },
            { table: 'shop.orders', column: 'lasts', change: 'gone', was: 'interval' },
            { table: 'shop.orders', column: 'channel', change: 'new', is: 'text' },
            {
              table: 'shop.orders',
              column: 'price',
              change: 'converted',
              was: 'numeric(8,2)',
              is: 'numeric(12,4)',
            },
          ]),
        );
        const restored = await rowsOf('shop.orders', 'channel', 'madeBy', 'price');
        expect(sorted(restored)).toEqual(sorted(then(rowsByTable['shop.orders'], 'lasts', 'price')));
        expect(
          new Set((await rowsOf('shop.orders')).map((row) => (row as { channel: string }).channel)),
        ).toEqual(new Set(['web']));
        await run(`DELETE FROM shop."order" WHERE clinic_id = $1`, [clinicId]);
        await run(`DELETE FROM shop.orders WHERE clinic_id = $1`, [clinicId]);
      }
    });

    it('leaves in a new column what is there, where the row is there', async () => {
      const [, { options } = sources()[0] as never] = sources();
      await restoreBackup({ ...options, dryRun: false });
      await run(
        `UPDATE shop.orders SET channel = 'shop', note = 'changed' WHERE clinic_id = $1 AND number = 3`,
        [clinicId],
      );
      await run(`DELETE FROM shop."order" WHERE clinic_id = $1 AND order_id = 12`, [clinicId]);
      await run(`DELETE FROM shop.orders WHERE clinic_id = $1 AND number = 12`, [clinicId]);
      const { tables } = await restoreBackup({ ...options, dryRun: false });
      expect(tables.find(({ table }) => table === 'shop.orders')).toMatchObject({
        inserted: 1,
        updated: 1,
        unchanged: 10,
      });
      const { rows } = await run(
        `SELECT channel, note FROM shop.orders WHERE clinic_id = $1 AND number IN (3, 12) ORDER BY number`,
        [clinicId],
      );
      expect(rows).toEqual([
        { channel: 'shop', note: 'nota 3' },
        { channel: 'web', note: 'nota 12' },
      ]);
    });

    it('is copied into a schema and into files', async () => {
      const [{ options } = sources()[0] as never] = sources();
      const copy = await restoreToSchema({ ...options, dryRun: false });
      expect(copy.tables).toContainEqual(expect.objectContaining({ table: 'shop.orders', rows: 12 }));
      expect(copy.changes).toContainEqual({ table: 'shop.coupons', column: null, change: 'gone' });
      await dropSchemaCopy(database.connection, tenantId, copy.schema);
      const path = join(folder.path, 'files');
      await restoreToFiles({ ...options, dryRun: false }, path);
      expect(readFileSync(join(path, 'shop.orders.csv'), 'utf8').split('\n')[0]).toContain('channel');
    });

    it.each<[string, string, string, string]>([
      [
        'a type that nothing converts to',
        `ALTER COLUMN discount TYPE numeric USING NULL`,
        `ALTER COLUMN discount TYPE text`,
        'shop.orders.discount was text and is numeric',
      ],
      [
        'a type that values do not fit',
        `ALTER COLUMN number TYPE bigint, ADD COLUMN x int, ALTER COLUMN note TYPE varchar(3)`,
        `DROP COLUMN x, ALTER COLUMN note TYPE text`,
        'which some values do not fit',
      ],
      [
        'a new column that must have a value',
        `ADD COLUMN owner text NOT NULL`,
        `DROP COLUMN owner`,
        'shop.orders.owner is new, must have a value',
      ],
    ])('is refused for %s, which it names', async (_, change, back, message) => {
      const [{ options } = sources()[0] as never] = sources();
      await run(`ALTER TABLE shop.orders ${change}`);
      try {
        await expect(restoreBackup({ ...options, dryRun: false })).rejects.toMatchObject({
          code: 'conflict',
          message: expect.stringContaining(message),
        });
        await expect(verifyBackup(options)).resolves.toBeDefined();
      } finally {
        await run(`ALTER TABLE shop.orders ${back}`);
      }
    });

    it('is refused for a table that is gone and asked for, which it names', async () => {
      const [{ options } = sources()[0] as never] = sources();
      await expect(
        restoreBackup({ ...options, tables: ['shop.coupons'], dryRun: true }),
      ).rejects.toMatchObject({
        code: 'usage',
        message: expect.stringContaining('no such table any more'),
      });
    });
  });
});

describe('An export of an earlier version', () => {
  const cell = useDatabase();

  it('is imported', async () => {
    await cell.admin.query(readFileSync(here('schema.sql'), 'utf8'));
    const to = await plantEmpty(cell, 'later');
    const report = await importInto(cell, to, here('export.zip'), {
      clinicNames: new Map([[slug, 'later']]),
    });
    expect(report.problems).toEqual([]);
    expect(report.added[to.clinics[0].id]).toMatchObject({
      'shop.orders': 12,
      'shop.order': 12,
      'shop.coupons': 4,
      'clinical.patients': 1,
    });
  });
});
