import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { restoreToFiles } from '../../../../../data-plane/backup/tenant/restore/to-files.js';
import {
  dropSchemaCopy,
  restoreToSchema,
} from '../../../../../data-plane/backup/tenant/restore/to-schema.js';
import { withConnection } from '../../../../../data-plane/database/connect.js';
import { lintSchema } from '../../../../../data-plane/database/lint/lint-schema.js';
import { withdraw } from '../../../../../data-plane/enrolment/withdraw.js';
import { asClinic, useDatabase } from '../../../../support/cell-database.js';
import { deletePatient, patientsOf, plantBranches } from '../branches.js';
import { backUp, useStore } from '../fixture.js';
import { catalogueOf, readRows } from '../rows.js';

const database = useDatabase();
const store = await useStore();
const folder = await mkdtemp(join(tmpdir(), 'ringfence-copies-'));
afterAll(() => rm(folder, { recursive: true }));

const rowsNow = async () => readRows(database.admin, await catalogueOf(database));

const lostPatient = async (slug: string) => {
  const [clinic] = await plantBranches(database, slug);
  const { options } = await backUp(database, store, clinic);
  const [id = ''] = await patientsOf(database.admin, clinic);
  await deletePatient(database.admin, id);
  return { clinic, id, source: { ...options, where: [{ column: 'patient_id', value: id }] } };
};

const events = async (clinicId: string): Promise<unknown[]> =>
  (
    await database.admin.query(
      `SELECT detail ->> 'into' AS "into", detail -> 'rows' -> 'clinical.messages' AS messages
         FROM clinical.audit_events WHERE clinic_id = $1 AND action = 'restore'`,
      [clinicId],
    )
  ).rows;

describe('A copy in a schema', () => {
  it('has the rows of the scope, is read by administrators only, and goes when it is dropped', async () => {
    const { clinic, id, source } = await lostPatient('looked-at');
    const before = await rowsNow();
    const { schema, tables } = await restoreToSchema({ ...source, dryRun: false });
    expect(tables.find(({ table }) => table === 'clinical.patients')).toEqual({
      ...{ table: 'clinical.patients', rows: 1, place: `${schema}.clinical_patients` },
    });
    const { rows } = await database.admin.query(`SELECT id FROM ${schema}.clinical_patients`);
    expect(rows).toEqual([{ id }]);
    expect(await rowsNow()).toEqual(before);
    expect(await events(clinic.clinicId)).toEqual([{ into: 'scratch', messages: { rows: 2 } }]);

    expect(await withConnection(database.connection, lintSchema)).toEqual([]);
    await expect(
      asClinic(database.app, clinic, (client) => client.query(`SELECT FROM ${schema}.clinical_patients`)),
    ).rejects.toMatchObject({ code: '42501' });

    const { clinic: other } = await lostPatient('nosy');
    for (const [tenantId, name] of [
      [other.tenantId, schema],
      [clinic.tenantId, 'clinical'],
      [clinic.tenantId, `${schema} CASCADE; DROP SCHEMA clinical`],
    ] as const)
      await expect(dropSchemaCopy(database.connection, tenantId, name)).rejects.toMatchObject({
        code: 'backup_not_found',
      });
    await dropSchemaCopy(database.connection, clinic.tenantId, schema);
    const left = await database.admin.query(
      `SELECT FROM pg_namespace WHERE nspname = $1 UNION ALL SELECT FROM ringfence.global_tables WHERE schema_name = $1`,
      [schema],
    );
    expect(left.rowCount).toBe(0);
  });

  it('goes with its tenant, and no other one does', async () => {
    const [gone, stays] = [await lostPatient('leaving'), await lostPatient('staying')];
    const copies = [];
    for (const { source } of [gone, gone, stays])
      copies.push((await restoreToSchema({ ...source, dryRun: false })).schema);
    await withConnection(database.connection, (client) => withdraw(client, gone.clinic.tenantId));
    const { rows } = await database.admin.query(
      `SELECT nspname AS schema FROM pg_namespace WHERE nspname = ANY ($1)`,
      [copies],
    );
    expect(rows).toEqual([{ schema: copies[2] }]);
    expect(await withConnection(database.connection, lintSchema)).toEqual([]);
  });

  it('is not made by a dry run', async () => {
    const { clinic, source } = await lostPatient('dry-look');
    const { tables, schema } = await restoreToSchema({ ...source, dryRun: true });
    expect(tables.find(({ table }) => table === 'clinical.messages')?.rows).toBe(2);
    const made = await database.admin.query('SELECT FROM pg_namespace WHERE nspname = $1', [schema]);
    expect([made.rowCount, await events(clinic.clinicId)]).toEqual([0, []]);
  });
});

describe('Files', () => {
  it('hold the rows of the scope as CSV, for their owner only', async () => {
    const { clinic, id, source } = await lostPatient('written');
    const before = await rowsNow();
    const out = join(folder, 'deep', 'written');
    const killed = join(folder, 'deep', '.written.7f3c.999999999.draft');
    await mkdir(killed, { recursive: true });
    await writeFile(join(killed, 'clinical.patients.csv'), 'half');
    const { tables } = await restoreToFiles({ ...source, dryRun: false }, out);
    expect(await readdir(join(folder, 'deep'))).toEqual(['written']);
    expect((await readdir(out)).sort()).toEqual(tables.map(({ table }) => `${table}.csv`).sort());
    const [head, row, end] = (await readFile(join(out, 'clinical.patients.csv'), 'utf8')).split('\n');
    expect(head?.split(',').slice(0, 3)).toEqual(['clinic_id', 'id', 'patient_name_sealed']);
    expect([row?.startsWith(`${clinic.clinicId},${id},\\x`), end]).toEqual([true, '']);
    for (const { place } of tables) expect((await stat(place)).mode & 0o777).toBe(0o600);
    expect((await stat(out)).mode & 0o777).toBe(0o700);
    expect(await rowsNow()).toEqual(before);
    expect(await events(clinic.clinicId)).toEqual([{ into: 'file', messages: { rows: 2 } }]);
  });

  it('are never overwritten, and none is left when one cannot be written', async () => {
    const { clinic, source } = await lostPatient('taken-name');
    const out = await mkdtemp(join(folder, 'taken-'));
    await writeFile(join(out, 'clinical.visits.csv'), 'mine');
    await expect(restoreToFiles({ ...source, dryRun: false }, out)).rejects.toMatchObject({
      code: 'usage',
      message: `${join(out, 'clinical.visits.csv')} exists already`,
    });
    expect(await readdir(out)).toEqual(['clinical.visits.csv']);
    expect(await readFile(join(out, 'clinical.visits.csv'), 'utf8')).toBe('mine');
    await expect(
      restoreToFiles({ ...source, dryRun: false }, join(out, 'clinical.visits.csv', 'below')),
    ).rejects.toMatchObject({ code: 'usage', message: expect.stringContaining('cannot be written') });
    expect(await events(clinic.clinicId)).toEqual([]);
  });

  it('are not written by a dry run', async () => {
    const { source } = await lostPatient('dry-files');
    const out = join(folder, 'dry');
    const { tables } = await restoreToFiles({ ...source, dryRun: true }, out);
    expect([tables.length, existsSync(out)]).toEqual([9, false]);
  });
});
