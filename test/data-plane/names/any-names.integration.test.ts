import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseCondition } from '../../../data-plane/backup/tenant/restore/conditions.js';
import { restoreBackup } from '../../../data-plane/backup/tenant/restore/restore.js';
import type { RestoreSelection } from '../../../data-plane/backup/tenant/restore/restore-plan.js';
import { restoreToFiles } from '../../../data-plane/backup/tenant/restore/to-files.js';
import { dropSchemaCopy, restoreToSchema } from '../../../data-plane/backup/tenant/restore/to-schema.js';
import { takeBackup } from '../../../data-plane/backup/tenant/take.js';
import { verifyBackup } from '../../../data-plane/backup/tenant/verify.js';
import { withConnection } from '../../../data-plane/database/connect.js';
import { lintSchema } from '../../../data-plane/database/lint/lint-schema.js';
import { eraseFromCell } from '../../../data-plane/erasure/erase-from-cell.js';
import { countInCell, inspectCell } from '../../../data-plane/erasure/inspect-cell.js';
import { probeTenant } from '../../../isolation/probe.js';
import { memoryKeys } from '../../../isolation/suite/memory-keys.js';
import { runSuite } from '../../../isolation/suite/run-suite.js';
import { TEST_CONTEXT_KEY, useDatabase } from '../../support/cell-database.js';
import { backupOptions, useStore } from '../backup/tenant/fixture.js';
import type { DemoTenant } from '../demo/clinics.js';
import { openExport } from '../transfer/export/archive.js';
import { exportOf, importInto, plantEmpty, useFolder } from '../transfer/import/scene.js';
import { anyRows, CHILD, CHILD_SQL, createAnyNames, PARENT, PARENT_SQL, plantAnyNames } from './any-names.js';

const db = useDatabase();
const store = await useStore();
const folder = useFolder();

describe('Schemas, tables, columns, constraints and types of any name', () => {
  let tenant: DemoTenant;
  let clinicId: string;
  let ids: string[];

  const backUp = async () => {
    const options = {
      ...backupOptions(db, store, { tenantId: tenant.tenantId, clinicId }),
      key: tenant.key,
    };
    return { options, result: await takeBackup(options) };
  };
  const where = (text: string): RestoreSelection => ({ where: [parseCondition(text)] });

  beforeAll(async () => {
    await createAnyNames(db.admin);
    tenant = await plantEmpty(db, 'any-names');
    clinicId = tenant.clinics[0].id;
    ids = await plantAnyNames(db.admin, clinicId, tenant.key);
  });

  it('are sound to the lint', async () => {
    expect(await withConnection(db.connection, lintSchema)).toEqual([]);
  });

  it('are backed up, verified, and go on in the next backup', async () => {
    const { options, result } = await backUp();
    expect(result.tables).toContainEqual(expect.objectContaining({ table: PARENT, rows: 4 }));
    await expect(verifyBackup(options)).resolves.toMatchObject({ digest: result.digest });
    const next = {
      ...options,
      ...backupOptions(db, store, { tenantId: tenant.tenantId, clinicId }),
      key: tenant.key,
    };
    const previous = { backupId: options.backupId, manifestPlace: result.manifestPlace };
    expect(await takeBackup({ ...next, previous })).toMatchObject({ bases: [options.backupId] });
    await expect(verifyBackup(next)).resolves.toMatchObject({ digest: result.digest });
  });

  it.each<[string, RestoreSelection]>([
    ['whole', {}],
    ['by table', { tables: [PARENT, CHILD] }],
    ['of what is missing', { mode: 'missing-only' }],
    ['of what is newest', { mode: 'newest', newestBy: 'updatedAt', tables: [PARENT, CHILD] }],
    ['by a camelCase column', { where: [] }],
    ['by a name with quotes, dots and an equals sign', where('"equals="=equals= 1')],
    ['by a name that is a number', where('"1"=1')],
    ['by a name that every object has', where('constructor=constructor 1')],
    ['by another one', where('__proto__=proto 1')],
    ['by a keyword', where('select=select 1')],
    ['by a key that other tables refer to', { where: [] }],
  ])('are restored: %s', async (title, chosen) => {
    const { options } = await backUp();
    const before = await anyRows(db.admin, clinicId);
    await db.admin.query(`DELETE FROM ${CHILD_SQL} WHERE "of order" = $1`, [ids[0]]);
    await db.admin.query(`DELETE FROM ${PARENT_SQL} WHERE "Id.1" = $1`, [ids[0]]);
    const selection =
      chosen.where?.length !== 0
        ? chosen
        : where(title.includes('camelCase') ? `patientId=${ids[0]}` : `"of order"=${ids[0]}`);
    await restoreBackup({ ...options, ...selection, dryRun: false });
    expect(await anyRows(db.admin, clinicId)).toEqual(before);
  });

  it('are restored from tables where all is lost, and beside them', async () => {
    const { options } = await backUp();
    const before = await anyRows(db.admin, clinicId);
    for (const table of [CHILD_SQL, PARENT_SQL])
      await db.admin.query(`DELETE FROM ${table} WHERE clinic_id = $1`, [clinicId]);
    await restoreBackup({ ...options, dryRun: false });
    expect(await anyRows(db.admin, clinicId)).toEqual(before);

    const copy = await restoreToSchema({ ...options, tables: [PARENT, CHILD], dryRun: false });
    for (const { place, rows } of copy.tables) {
      const found = await db.admin.query<{ rows: number }>(`SELECT count(*)::int AS rows FROM ${place}`);
      expect(found.rows).toEqual([{ rows }]);
    }
    expect(new Set(copy.tables.map(({ place }) => place)).size).toBe(2);
    expect(await withConnection(db.connection, lintSchema)).toEqual([]);
    await dropSchemaCopy(db.connection, tenant.tenantId, copy.schema);

    const path = join(folder.path, 'files');
    await restoreToFiles({ ...options, tables: [PARENT, CHILD], dryRun: false }, path);
    const files = readdirSync(path);
    expect(files).toHaveLength(2);
    for (const file of files) expect(file).toMatch(/^[a-z0-9_.-]{1,100}\.csv$/);
    expect(files.map((file) => readFileSync(join(path, file), 'utf8')).join()).toContain('"qu""ote"');
  });

  it('are exported in both formats and imported, value for value', async () => {
    const zip = join(folder.path, 'any-names.zip');
    await exportOf(db, tenant, 'any-names', zip);
    const opened = openExport(zip, join(folder.path, 'opened'));
    const dictionary = JSON.parse(opened.text('dictionary.json')) as { table: string; file: string }[];
    const { file = '' } = dictionary.find(({ table }) => table === PARENT) ?? {};
    const [header = [], ...cells] = opened.cells(`clinics/any-names/${file}.csv`);
    const objects = opened.objects(`clinics/any-names/${file}.jsonl`);
    expect([cells.length, objects.length]).toEqual([4, 4]);
    expect(Object.keys(objects[0] ?? {}).sort()).toEqual(header.map((cell) => cell.replace(/^'/, '')).sort());
    expect(objects.map((row) => row.Nota).sort()).toEqual(['nota 1', 'nota 2', 'nota 3', 'nota 4']);
    expect(objects.map((row) => Object.entries(row).find(([key]) => key === '__proto__')?.[1])).toContain(
      'proto 1',
    );
    for (const path of opened.paths) expect(path).toMatch(/^[A-Za-z0-9_./-]{1,160}$/);

    const to = await plantEmpty(db, 'other-names');
    const names = new Map([['any-names', 'other-names']]);
    const report = await importInto(db, to, zip, { clinicNames: names });
    expect(report.problems).toEqual([]);
    expect(await anyRows(db.admin, to.clinics[0].id)).toEqual(await anyRows(db.admin, clinicId));
    expect(await importInto(db, to, zip, { clinicNames: names })).toMatchObject({ added: {}, problems: [] });
    await db.admin.query(`UPDATE ${PARENT_SQL} SET "new\nline" = 'x' WHERE clinic_id = $1 AND "1" = 1`, [
      to.clinics[0].id,
    ]);
    const differing = await importInto(db, to, zip, { clinicNames: names });
    expect(differing.problems).toEqual([expect.objectContaining({ column: 'new\nline' })]);
  });

  it('are filled from CSV files by a mapping, whose problems name the columns', async () => {
    const to = await plantEmpty(db, 'csv-names');
    const source = folder.write({
      'rows.csv': `id,n,q,p,nota,line\n${ids[0]},7,x,proto,of a csv,a\n`,
      'bad.csv': `id,n,q,p,nota,line\n${ids[1]},0,,proto,of a csv,a\n${ids[2]},x,y,proto,of a csv,a\n`,
      ...Object.fromEntries(
        ['rows', 'bad'].map((file) => [
          `${file}.yaml`,
          `version: 1\nfiles:\n  - file: ${file}.csv\n    table: ${JSON.stringify(PARENT)}\n    clinic: csv-names\n    columns:\n` +
            `      { "Id.1": id, "1": n, 'qu"ote': q, __proto__: p, Nota: nota, "new\\nline": line }\n`,
        ]),
      ),
    });
    const bad = await importInto(db, to, source, { mappingPath: join(source, 'bad.yaml') });
    expect(bad.problems.map(({ line, column }) => `${line} ${column}`)).toEqual(['2 null', '3 1']);
    const report = await importInto(db, to, source, { mappingPath: join(source, 'rows.yaml') });
    expect(report).toMatchObject({ problems: [], added: { [to.clinics[0].id]: { [PARENT]: 1 } } });
    expect((await anyRows(db.admin, to.clinics[0].id)).join()).toContain('"__proto__": "proto"');
  });

  it('are probed like any other', async () => {
    const clinicIds = tenant.clinics.map(({ id }) => id);
    const subject = {
      tenantId: tenant.tenantId,
      clinicIds,
      contextKey: TEST_CONTEXT_KEY,
      now: () => new Date(),
    };
    expect(await probeTenant(db.connection, db.appConnection, subject)).toMatchObject({
      leaks: [],
      unproven: [],
    });
  });

  it('are attacked by the isolation test like any other, and hold', async () => {
    const report = await runSuite(
      {
        admin: db.connection,
        app: db.appConnection,
        contextKey: TEST_CONTEXT_KEY,
        keys: memoryKeys(),
        now: () => new Date(),
      },
      { scenarios: ['side-door', 'whisper', 'crossed-wires', 'poisoned-lifeboat', 'ghost-tenant'] },
    );
    expect(report.cases.filter(({ verdict }) => verdict !== 'held')).toEqual([]);
    expect(report.cases.filter(({ id }) => id.includes('Order.Items')).length).toBeGreaterThan(10);
  });

  it('are erased, and nothing of them is found afterwards', async () => {
    const subject = {
      tenantId: tenant.tenantId,
      clinicIds: tenant.clinics.map(({ id }) => id),
      loginRole: 'rf_t_any-names',
    };
    const counted = await withConnection(db.connection, (client) => countInCell(client, subject));
    expect(counted.rows).toMatchObject({ [PARENT]: 4, [CHILD]: 8 });
    await eraseFromCell(db.connection, subject);
    const checks = await withConnection(db.connection, (client) => inspectCell(client, 'cell', subject));
    expect(checks.filter(({ found }) => found > 0)).toEqual([]);
    expect(checks.map(({ where }) => where).join()).toContain('Order.Items');
    expect(await anyRows(db.admin, clinicId)).toEqual([]);
  });
});
