import { describe, expect, it } from 'vitest';
import {
  type Condition,
  parseCondition,
} from '../../../../../data-plane/backup/tenant/restore/conditions.js';
import {
  type RestoreReport,
  restoreBackup,
} from '../../../../../data-plane/backup/tenant/restore/restore.js';
import type { RestoreSelection } from '../../../../../data-plane/backup/tenant/restore/restore-plan.js';
import { type TestClinic, useDatabase } from '../../../../support/cell-database.js';
import { deletePatient, patientsOf, plantBranches } from '../branches.js';
import { damage } from '../damage.js';
import { backUp, useStore } from '../fixture.js';
import { catalogueOf, readRows } from '../rows.js';

const database = useDatabase();
const store = await useStore();

const rowsNow = async () => readRows(database.admin, await catalogueOf(database));
const run = (text: string, ...values: unknown[]) => database.admin.query(text, values);
const patientIs = (id: string | undefined): readonly Condition[] => [
  { column: 'patient_id', value: id ?? '' },
];
const rowOf = ({ tables }: RestoreReport, name: string) =>
  tables.find(({ table }) => table === `clinical.${name}`);

const restoreEvents = async ({ clinicId }: TestClinic) =>
  (
    await database.admin.query<{ actor: string; detail: Record<string, unknown> }>(
      `SELECT actor, detail FROM clinical.audit_events WHERE clinic_id = $1 AND action = 'restore' ORDER BY at`,
      [clinicId],
    )
  ).rows;

describe('A restore of one patient', () => {
  it('brings back all that was about them, tells their clinic, and keeps what others did since', async () => {
    const [clinic, branch] = await plantBranches(database, 'one-patient');
    const { options } = await backUp(database, store, clinic);
    const before = await rowsNow();
    const [lost, other] = await patientsOf(database.admin, clinic);
    await run(`UPDATE clinical.patients SET locale = 'ca' WHERE id = $1`, other);
    await damage(database.admin, branch.clinicId, 'changePatients', 3);
    await run(`UPDATE clinical.services SET name = 'renamed' WHERE clinic_id = $1`, clinic.clinicId);
    const expected = new Map(await rowsNow());
    await deletePatient(database.admin, lost);

    const dry = await restoreBackup({ ...options, where: patientIs(lost), dryRun: true });
    expect(await restoreEvents(clinic)).toEqual([]);
    expect(await restoreBackup({ ...options, where: patientIs(lost), dryRun: false })).toEqual(dry);
    expect(await rowsNow()).toEqual(expected);
    expect(
      dry.tables.map(({ table, inBackup, live, inserted }) => [table, inBackup, live, inserted]),
    ).toEqual(
      expect.arrayContaining([
        ['clinical.patients', 1, 0, 1],
        ['clinical.visits', 1, 0, 1],
        ['clinical.prescription_addenda', 1, 0, 1],
        ['clinical.invoice_lines', 1, 0, 1],
        ['clinical.messages', 2, 0, 2],
      ]),
    );
    expect(dry.tables).toHaveLength(9);
    expect(before.get('clinical.patients')).not.toEqual(expected.get('clinical.patients'));

    const [event, ...more] = await restoreEvents(clinic);
    expect([event?.actor, more, await restoreEvents(branch)]).toEqual([
      `administrator:${database.connection.user}`,
      [],
      [],
    ]);
    expect(event?.detail).toMatchObject({
      ...{ backup: options.backupId, into: 'in-place', mode: 'replace', where: ['patient_id'] },
      rows: { 'clinical.messages': { inserted: 2, updated: 0, deleted: 0 } },
    });
    expect(JSON.stringify(event?.detail)).not.toContain(lost);
  });

  it('brings the missing rows back that theirs refer to, and no more of those', async () => {
    const [clinic] = await plantBranches(database, 'with-parents');
    const { options } = await backUp(database, store, clinic);
    const expected = await rowsNow();
    const [lost, ...others] = await patientsOf(database.admin, clinic);
    for (const id of [lost, ...others]) await deletePatient(database.admin, id);
    await run('DELETE FROM clinical.staff WHERE clinic_id = $1', clinic.clinicId);
    const report = await restoreBackup({ ...options, where: patientIs(lost), dryRun: false });
    expect(rowOf(report, 'staff')).toMatchObject({ inBackup: 1, live: 0, inserted: 1, unchanged: 0 });
    const { rows } = await run('SELECT id FROM clinical.patients WHERE clinic_id = $1', clinic.clinicId);
    expect(rows).toEqual([{ id: lost }]);
    await restoreBackup({ ...options, dryRun: false });
    expect(await rowsNow()).toEqual(expected);
  });

  it('undoes that their rows were given to others, and takes away what was added', async () => {
    const [clinic] = await plantBranches(database, 'moved');
    const { options } = await backUp(database, store, clinic);
    const expected = await rowsNow();
    const [from, to] = await patientsOf(database.admin, clinic);
    await run('UPDATE clinical.invoices SET patient_id = $2 WHERE patient_id = $1', from, to);
    await run(
      `INSERT INTO clinical.invoice_lines (clinic_id, invoice_id, description, amount_eur)
         SELECT clinic_id, id, 'added', 9 FROM clinical.invoices WHERE patient_id = $1`,
      to,
    );
    // One of the two invoices was the other patient's from the start, so it is in this scope from neither side.
    await restoreBackup({ ...options, where: patientIs(from), dryRun: false });
    const left = await run(
      `SELECT count(*)::int AS rows FROM clinical.invoice_lines l JOIN clinical.invoices i ON i.id = l.invoice_id
        WHERE description = 'added' AND patient_id = $1`,
      to,
    );
    expect(left.rows).toEqual([{ rows: 1 }]);
    await restoreBackup({ ...options, where: patientIs(to), dryRun: false });
    expect(await rowsNow()).toEqual(expected);
  });

  it('with a table, writes only that table: theirs are found through the tables between', async () => {
    const [clinic] = await plantBranches(database, 'lines');
    const { options } = await backUp(database, store, clinic);
    const [theirs] = await patientsOf(database.admin, clinic);
    await run('DELETE FROM clinical.invoice_lines WHERE clinic_id = $1', clinic.clinicId);
    await run(`UPDATE clinical.invoices SET status = 'void' WHERE patient_id = $1`, theirs);
    const tables = ['clinical.invoice_lines'];
    const report = await restoreBackup({ ...options, tables, where: patientIs(theirs), dryRun: false });
    expect(report.tables).toEqual([
      expect.objectContaining({ table: 'clinical.invoice_lines', inBackup: 1, live: 0, inserted: 1 }),
    ]);
    const { rows } = await run('SELECT status FROM clinical.invoices WHERE patient_id = $1', theirs);
    expect(rows).toEqual([{ status: 'void' }]);
  });

  it('starts where every condition holds', async () => {
    const [clinic] = await plantBranches(database, 'two-conditions');
    const { options } = await backUp(database, store, clinic);
    const { rows } = await run(
      `SELECT patient_id FROM clinical.invoices WHERE clinic_id = $1 AND number = 'F-1'`,
      clinic.clinicId,
    );
    const number = { column: 'number', value: 'F-1' };
    const where = [...patientIs(rows[0].patient_id), number];
    const report = await restoreBackup({ ...options, where, dryRun: true });
    expect(report.tables.map(({ table, inBackup }) => [table, inBackup])).toEqual([
      ['clinical.invoices', 1],
      ['clinical.invoice_lines', 1],
    ]);
    const another = (await patientsOf(database.admin, clinic)).find((id) => id !== rows[0].patient_id);
    await expect(
      restoreBackup({ ...options, where: [...patientIs(another), number], dryRun: true }),
    ).rejects.toMatchObject({ code: 'scope_empty' });
  });
});

describe('A restore of one clinic', () => {
  it('leaves the tenant’s other clinic as it is', async () => {
    const [clinic, branch] = await plantBranches(database, 'one-clinic');
    const { options } = await backUp(database, store, clinic);
    await damage(database.admin, branch.clinicId, 'changePatients', 3);
    const expected = await rowsNow();
    await damage(database.admin, clinic.clinicId, 'deleteOldestVisits', 3);
    await damage(database.admin, clinic.clinicId, 'bookForNewPatient');
    const report = await restoreBackup({ ...options, clinicIds: [clinic.clinicId], dryRun: false });
    expect(await rowsNow()).toEqual(expected);
    expect(rowOf(report, 'visits')).toMatchObject({ inBackup: 6, live: 3, inserted: 3 });
    expect([(await restoreEvents(clinic)).length, (await restoreEvents(branch)).length]).toEqual([1, 0]);
  });

  it('that the backup has not is refused, also another tenant’s', async () => {
    const [clinic] = await plantBranches(database, 'asks');
    const [victim] = await plantBranches(database, 'asked');
    const { options } = await backUp(database, store, clinic);
    await expect(
      restoreBackup({ ...options, clinicIds: [clinic.clinicId, victim.clinicId], dryRun: false }),
    ).rejects.toMatchObject({ code: 'clinic_not_found' });
  });
});

describe('A restore of what is missing only', () => {
  it('leaves every row that is there as it is', async () => {
    const [clinic] = await plantBranches(database, 'missing-only');
    const { options } = await backUp(database, store, clinic);
    await damage(database.admin, clinic.clinicId, 'changePatients', 6);
    await damage(database.admin, clinic.clinicId, 'addPatients', 2);
    const expected = await rowsNow();
    await damage(database.admin, clinic.clinicId, 'deleteOldestVisits', 2);
    const report = await restoreBackup({ ...options, mode: 'missing-only', dryRun: false });
    expect(await rowsNow()).toEqual(expected);
    expect(rowOf(report, 'patients')).toMatchObject({
      live: 14,
      inserted: 0,
      updated: 0,
      deleted: 0,
      unchanged: 14,
    });
    expect(rowOf(report, 'visits')).toMatchObject({ live: 10, inserted: 2 });
  });
});

describe('Bad input', () => {
  const UUID = '6f1c0c5e-0f6b-4b5a-9c3e-2d1f7a8b9c0d';

  it('is no condition', () => {
    const bad = [
      'patient_id',
      'patient_id=',
      '=x',
      'patient_id==x',
      'patient_id>=x',
      'patient_id!=x',
      'patient_id<>x',
      'patient_id>x',
      `patient_id = ${UUID}`,
      `patient_id='${UUID}'`,
      'a.patient_id=1',
      '"patient_id=1',
      '""=1',
      '"a"b"=1',
      '1=1',
      'patient_id LIKE x',
      'status=x\n; DROP TABLE clinical.patients',
      'status=\u0000',
      '',
      ' ',
      'patient_id IN (1)',
      'lower(status)=x',
    ];
    for (const text of bad) expect(() => parseCondition(text), text).toThrow('a condition is a column');
    expect(parseCondition('status=a=b')).toEqual({ column: 'status', value: 'a=b' });
    expect(parseCondition('patientId=x')).toEqual({ column: 'patientId', value: 'x' });
    expect(parseCondition('"a""= b"=x')).toEqual({ column: 'a"= b', value: 'x' });
    console.log(`conditions that are none: ${bad.length} of ${bad.length} refused`);
  });

  it('is refused with what is wrong, and nothing changes', async () => {
    const [clinic] = await plantBranches(database, 'bad-input');
    const { options } = await backUp(database, store, clinic);
    await damage(database.admin, clinic.clinicId, 'addPatients', 1);
    const added = (
      await run(
        'SELECT id FROM clinical.patients WHERE clinic_id = $1 ORDER BY created_at DESC LIMIT 1',
        clinic.clinicId,
      )
    ).rows[0].id;
    const before = await rowsNow();
    const where = (text: string): RestoreSelection => ({ where: [parseCondition(text)] });
    const cases: readonly [RestoreSelection, message: string][] = [
      [where('shoe_size=44'), 'no table of the backup has shoe_size'],
      [
        where('patient_id=1 OR 1=1'),
        'a value is not one that clinical.patients can have in patient_id (a key)',
      ],
      [where('patient_id=x; DROP TABLE clinical.patients'), 'a value is not one that'],
      [where('birth_date=yesterday evening'), 'can have in birth_date (date)'],
      [where('duration_minutes=30 minutes'), 'can have in duration_minutes (integer)'],
      [where("status=' OR 1=1--"), 'the backup has no row in this scope'],
      [where(`patient_id=${UUID}`), 'the backup has no row in this scope'],
      [where(`patient_id=${added}`), 'the backup has no row in this scope'],
      [
        { ...where(`patient_id=${UUID}`), tables: ['clinical.services'] },
        'clinical.services neither has patient_id nor refers',
      ],
      [{ tables: ["clinical.patients'; --"] }, 'the backup has no table'],
    ];
    for (const [selection, message] of cases)
      await expect(restoreBackup({ ...options, ...selection, dryRun: false }), message).rejects.toMatchObject(
        {
          code: message.includes('this scope') ? 'scope_empty' : 'usage',
          message: expect.stringContaining(message),
        },
      );
    expect(await rowsNow()).toEqual(before);
  });

  it('names the constraint when a row outside the scope has the unique value', async () => {
    const [clinic] = await plantBranches(database, 'taken');
    const { options } = await backUp(database, store, clinic);
    const [lost, other] = await patientsOf(database.admin, clinic);
    const { rows } = await run('SELECT number FROM clinical.invoices WHERE patient_id = $1', lost);
    await deletePatient(database.admin, lost);
    await run('UPDATE clinical.invoices SET number = $2 WHERE patient_id = $1', other, rows[0].number);
    const before = await rowsNow();
    await expect(restoreBackup({ ...options, where: patientIs(lost), dryRun: false })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('invoices_clinic_id_number_key'),
    });
    expect(await rowsNow()).toEqual(before);
  });
});
