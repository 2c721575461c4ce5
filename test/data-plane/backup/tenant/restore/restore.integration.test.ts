import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type TenantDigest, tenantDigest } from '../../../../../data-plane/backup/tenant/digest.js';
import {
  type RestoreReport,
  restoreBackup,
} from '../../../../../data-plane/backup/tenant/restore/restore.js';
import { plantClinic, type TestClinic, useDatabase } from '../../../../support/cell-database.js';
import { DAMAGES, type Damage, damage, swapInvoiceNumbers } from '../damage.js';
import { backUp, plantRows, useStore } from '../fixture.js';

const database = useDatabase();
const store = await useStore();
const whole = { dryRun: false };

/** Every table but the audit log, which a restore only adds to. */
const withoutLog = ({ tables }: Pick<TenantDigest, 'tables'>): string =>
  tables
    .filter(({ table }) => table !== 'clinical.audit_events')
    .map(({ table, sha256 }) => `${table} ${sha256}`)
    .join('\n');

const digestOf = async ({ tenantId }: TestClinic): Promise<string> =>
  withoutLog(await tenantDigest(database.connection, tenantId));

const plantTenant = async (slug: string): Promise<TestClinic> => {
  const clinic = await plantClinic(database.admin, slug);
  await plantRows(database, clinic);
  return clinic;
};

const rowOf = ({ tables }: RestoreReport, name: string) => tables.find(({ table }) => table === name);

const run = async (text: string, { clinicId }: TestClinic): Promise<void> => {
  await database.admin.query(text, [clinicId]);
};

const DELETE_PATIENTS = `WITH a AS (DELETE FROM clinical.prescription_addenda WHERE clinic_id = $1),
  b AS (DELETE FROM clinical.prescriptions WHERE clinic_id = $1), c AS (DELETE FROM clinical.visits WHERE clinic_id = $1),
  d AS (DELETE FROM clinical.invoice_lines WHERE clinic_id = $1), e AS (DELETE FROM clinical.invoices WHERE clinic_id = $1),
  f AS (DELETE FROM clinical.appointments WHERE clinic_id = $1) DELETE FROM clinical.patients WHERE clinic_id = $1`;

describe('A restore of everything', () => {
  it('undoes deleted, changed and added rows, and no other tenant notices', async () => {
    const [clinic, neighbour] = [await plantTenant('damaged'), await plantTenant('neighbour')];
    const { options, result } = await backUp(database, store, clinic);
    const untouched = await digestOf(neighbour);
    await damage(database.admin, clinic.clinicId, 'changePatients', 2);
    await damage(database.admin, clinic.clinicId, 'giveAppointmentsToNewPatient', 3);
    await damage(database.admin, clinic.clinicId, 'deleteInvoices');
    await damage(database.admin, clinic.clinicId, 'rescaleFigures');
    expect(await digestOf(clinic)).not.toBe(withoutLog(result));

    const report = await restoreBackup({ ...options, ...whole });
    expect(report.digest).toBe(result.digest);
    expect(await digestOf(clinic)).toBe(withoutLog(result));
    expect(await digestOf(neighbour)).toBe(untouched);
    const counts = { inBackup: 6, inserted: 0, updated: 0, deleted: 0 };
    expect(rowOf(report, 'clinical.patients')).toEqual({
      ...{ table: 'clinical.patients', ...counts, live: 7, updated: 2, deleted: 1, unchanged: 4 },
    });
    expect(rowOf(report, 'clinical.appointments')).toMatchObject({
      ...counts,
      live: 6,
      updated: 3,
      unchanged: 3,
    });
    expect(rowOf(report, 'clinical.invoices')).toMatchObject({
      ...counts,
      live: 0,
      inserted: 6,
      unchanged: 0,
    });
  });

  it('brings back a tenant that lost every row', async () => {
    const clinic = await plantTenant('emptied');
    const { options, result } = await backUp(database, store, clinic);
    await run(DELETE_PATIENTS, clinic);
    for (const table of [
      'services',
      'staff',
      'audit_events',
      'clinic_config',
      'subscriptions',
      'daily_figures',
    ])
      await run(`DELETE FROM clinical.${table} WHERE clinic_id = $1`, clinic);
    await restoreBackup({ ...options, ...whole });
    expect(await digestOf(clinic)).toBe(withoutLog(result));
  });

  it('gives unique values back to those who swapped them', async () => {
    const clinic = await plantTenant('swapped');
    const { options, result } = await backUp(database, store, clinic);
    await swapInvoiceNumbers(database.admin, clinic.clinicId);
    const report = await restoreBackup({ ...options, ...whole });
    expect(rowOf(report, 'clinical.invoices')).toMatchObject({
      inserted: 0,
      updated: 2,
      deleted: 0,
      unchanged: 4,
    });
    expect(await digestOf(clinic)).toBe(withoutLog(result));
  });

  it('never deletes or rewrites what was recorded since, and brings back what is missing', async () => {
    const clinic = await plantTenant('audited');
    const { options, result } = await backUp(database, store, clinic);
    const inBackup = result.tables.find(({ table }) => table === 'clinical.audit_events')?.rows ?? 0;
    await run(
      `INSERT INTO clinical.audit_events (clinic_id, actor, action, subject) VALUES ($1, 'x', 'new', 'y')`,
      clinic,
    );
    await run(`DELETE FROM clinical.audit_events WHERE clinic_id = $1 AND subject = 'patient 1'`, clinic);
    const report = await restoreBackup({ ...options, ...whole });
    expect(rowOf(report, 'clinical.audit_events')).toMatchObject({
      ...{ inBackup, live: inBackup, inserted: 1, updated: 0, deleted: 0, unchanged: inBackup },
    });
  });

  it('leaves clinics alone that were opened since', async () => {
    const clinic = await plantTenant('grown');
    const { options } = await backUp(database, store, clinic);
    const branch = { tenantId: clinic.tenantId, clinicId: '5e0d8e8c-5a0c-4c3a-9f5e-0a1b2c3d4e5f' };
    await database.admin.query(
      `INSERT INTO ringfence.clinics (id, tenant_id, slug, name, vertical, time_zone, state)
       VALUES ($1, $2, 'later', 'later', 'dental', 'Europe/Madrid', 'active')`,
      [branch.clinicId, branch.tenantId],
    );
    await plantRows(database, branch);
    const before = await digestOf(clinic);
    const report = await restoreBackup({ ...options, ...whole });
    expect(report.tables.every(({ inserted, updated, deleted }) => inserted + updated + deleted === 0)).toBe(
      true,
    );
    expect(await digestOf(clinic)).toBe(before);
  });

  it('as a dry run changes nothing and reports the same numbers', async () => {
    const clinic = await plantTenant('dry');
    const { options, result } = await backUp(database, store, clinic);
    await damage(database.admin, clinic.clinicId, 'bookForNewPatient');
    await damage(database.admin, clinic.clinicId, 'deleteOldestVisits');
    const before = await digestOf(clinic);
    const dry = await restoreBackup({ ...options, dryRun: true });
    expect(await digestOf(clinic)).toBe(before);
    expect(await restoreBackup({ ...options, dryRun: false })).toEqual(dry);
    expect(rowOf(dry, 'clinical.visits')).toMatchObject({ inserted: 2, live: 4 });
    expect(await digestOf(clinic)).toBe(withoutLog(result));
  });

  it('fails and changes nothing when a trigger that always fires would make the rows other ones', async () => {
    const clinic = await plantTenant('triggered');
    const { options } = await backUp(database, store, clinic);
    await run(`UPDATE clinical.services SET name = 'changed' WHERE clinic_id = $1`, clinic);
    const before = await digestOf(clinic);
    await database.admin.query(
      `CREATE FUNCTION clinical.stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.name := NEW.name || '!'; RETURN NEW; END $$;
       CREATE TRIGGER stamp BEFORE UPDATE ON clinical.services FOR EACH ROW EXECUTE FUNCTION clinical.stamp();
       ALTER TABLE clinical.services ENABLE ALWAYS TRIGGER stamp`,
    );
    try {
      await expect(restoreBackup({ ...options, ...whole })).rejects.toMatchObject({ code: 'conflict' });
    } finally {
      await database.admin.query('DROP FUNCTION clinical.stamp() CASCADE');
    }
    expect(await digestOf(clinic)).toBe(before);
  });
});

describe('A restore of chosen tables', () => {
  it('changes no other table', async () => {
    const clinic = await plantTenant('single');
    const { options, result } = await backUp(database, store, clinic);
    await run('DELETE FROM clinical.daily_figures WHERE clinic_id = $1', clinic);
    await damage(database.admin, clinic.clinicId, 'changePatients');
    const report = await restoreBackup({ ...options, tables: ['clinical.daily_figures'], dryRun: false });
    expect(report.tables.map(({ table }) => table)).toEqual(['clinical.daily_figures']);
    const { tables } = await tenantDigest(database.connection, clinic.tenantId);
    const shaOf = (digests: typeof tables, name: string) =>
      digests.find(({ table }) => table === name)?.sha256;
    expect(shaOf(tables, 'clinical.daily_figures')).toBe(shaOf(result.tables, 'clinical.daily_figures'));
    expect(shaOf(tables, 'clinical.patients')).not.toBe(shaOf(result.tables, 'clinical.patients'));
  });

  it('brings the missing rows back that theirs refer to, through any number of tables, and only those', async () => {
    const clinic = await plantTenant('closure');
    const { options, result } = await backUp(database, store, clinic);
    await run(DELETE_PATIENTS, clinic);
    await run(`DELETE FROM clinical.staff WHERE clinic_id = $1`, clinic);
    await run(`UPDATE clinical.services SET name = 'renamed' WHERE clinic_id = $1`, clinic);
    const report = await restoreBackup({ ...options, tables: ['clinical.prescriptions'], dryRun: false });
    expect(report.tables.map(({ table, inserted }) => [table, inserted])).toEqual(
      expect.arrayContaining([
        ['clinical.patients', 6],
        ['clinical.staff', 1],
        ['clinical.appointments', 6],
        ['clinical.visits', 6],
        ['clinical.prescriptions', 6],
      ]),
    );
    expect(report.tables).toHaveLength(5);
    const left = await database.admin.query(
      `SELECT count(*)::int AS rows, count(*) FILTER (WHERE name = 'renamed')::int AS renamed
         FROM clinical.services WHERE clinic_id = $1`,
      [clinic.clinicId],
    );
    expect(left.rows).toEqual([{ rows: 3, renamed: 3 }]);
    await restoreBackup({ ...options, ...whole });
    expect(await digestOf(clinic)).toBe(withoutLog(result));
  });

  it('is refused, naming the tables to add, when rows refer to others that would go', async () => {
    const clinic = await plantTenant('held');
    const { options, result } = await backUp(database, store, clinic);
    await damage(database.admin, clinic.clinicId, 'bookForNewPatient');
    const before = await digestOf(clinic);
    await expect(
      restoreBackup({ ...options, tables: ['clinical.patients'], dryRun: false }),
    ).rejects.toMatchObject({
      code: 'conflict',
      message: 'rows refer to others that the restore would delete: 1 of clinical.appointments',
      fix: 'restore these tables as well: --table clinical.appointments',
    });
    expect(await digestOf(clinic)).toBe(before);
    const tables = ['clinical.patients', 'clinical.appointments'];
    await restoreBackup({ ...options, tables, dryRun: false });
    expect(await digestOf(clinic)).toBe(withoutLog(result));
  });

  it('is refused for a table that the backup has not', async () => {
    const { options } = await backUp(database, store, await plantTenant('absent'));
    await expect(
      restoreBackup({ ...options, tables: ['clinical.nothing'], dryRun: true }),
    ).rejects.toMatchObject({
      code: 'usage',
      message: 'the backup has no table clinical.nothing',
    });
  });
});

describe('Any damage', () => {
  it('is undone, whatever it was, and no other tenant notices', async () => {
    const [clinic, neighbour] = [await plantTenant('any'), await plantTenant('any-neighbour')];
    const { options, result } = await backUp(database, store, clinic);
    const untouched = await digestOf(neighbour);
    const kinds = Object.keys(DAMAGES) as Damage[];
    const damages = fc.array(fc.tuple(fc.constantFrom(...kinds), fc.integer({ min: 1, max: 6 })), {
      minLength: 1,
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(damages, async (chosen) => {
        for (const [kind, amount] of chosen) await damage(database.admin, clinic.clinicId, kind, amount);
        await restoreBackup({ ...options, ...whole });
        expect(await digestOf(clinic)).toBe(withoutLog(result));
        expect(await digestOf(neighbour)).toBe(untouched);
      }),
      { numRuns: 50, seed: 20261121 },
    );
  });
});
