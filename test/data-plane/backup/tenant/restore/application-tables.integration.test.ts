import { beforeAll, describe, expect, it } from 'vitest';
import { restoreBackup } from '../../../../../data-plane/backup/tenant/restore/restore.js';
import { plantClinic, type TestClinic, useDatabase } from '../../../../support/cell-database.js';
import { patientsOf } from '../branches.js';
import { backUp, plantRows, useStore } from '../fixture.js';
import { catalogueOf, expectedRows, readRows } from '../rows.js';

/**
 * Plans and steps refer to each other, steps to themselves, and remarks to steps; keys of labels are texts, those of
 * plans have the parts of the primary key in another order than the table.
 */
const TABLES = `
  CREATE SCHEMA care;
  CREATE TABLE care.plans (id uuid DEFAULT gen_random_uuid(), head bigint, patient_id uuid, clinic_id uuid,
    PRIMARY KEY (clinic_id, id), FOREIGN KEY (clinic_id, patient_id) REFERENCES clinical.patients);
  CREATE TABLE care.steps (clinic_id uuid, id bigint, plan_id uuid, after bigint, PRIMARY KEY (clinic_id, id),
    FOREIGN KEY (clinic_id, plan_id) REFERENCES care.plans, FOREIGN KEY (clinic_id, after) REFERENCES care.steps);
  CREATE TABLE care.remarks (clinic_id uuid, id uuid DEFAULT gen_random_uuid(), step_id bigint, text text,
    PRIMARY KEY (clinic_id, id), FOREIGN KEY (clinic_id, step_id) REFERENCES care.steps);
  CREATE TABLE care.labels (clinic_id uuid, code text, patient_id uuid, PRIMARY KEY (clinic_id, code),
    FOREIGN KEY (clinic_id, patient_id) REFERENCES clinical.patients);
  CREATE TABLE care.label_uses (clinic_id uuid, id bigint, code text, PRIMARY KEY (clinic_id, id),
    FOREIGN KEY (clinic_id, code) REFERENCES care.labels);
  CREATE TABLE care.visits_seen (clinic_id uuid, visit_id uuid, day date, PRIMARY KEY (clinic_id, visit_id, day),
    FOREIGN KEY (clinic_id, visit_id) REFERENCES clinical.visits);
  ALTER SCHEMA care OWNER TO ringfence_owner;
  SELECT ringfence.protect('care.' || t) FROM unnest(ARRAY['plans', 'steps', 'remarks', 'labels', 'label_uses', 'visits_seen']) t;
  ALTER TABLE care.plans ADD FOREIGN KEY (clinic_id, head) REFERENCES care.steps`;

const database = useDatabase();
const store = await useStore();

const ROWS = `
  WITH p AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM clinical.patients WHERE clinic_id = $1),
    plan AS (INSERT INTO care.plans (clinic_id, patient_id) SELECT $1, id FROM p RETURNING id, patient_id),
    step AS (INSERT INTO care.steps SELECT $1, p.n * 10 + s, plan.id, CASE WHEN s > 1 THEN p.n * 10 + s - 1 END
               FROM plan JOIN p ON p.id = plan.patient_id, generate_series(1, 3) s RETURNING id),
    label AS (INSERT INTO care.labels SELECT $1, 'etiqueta ' || n, id FROM p RETURNING code),
    uses AS (INSERT INTO care.label_uses SELECT $1, row_number() OVER (), code FROM label, generate_series(1, 2)),
    seen AS (INSERT INTO care.visits_seen SELECT $1, id, '2026-03-01' FROM clinical.visits WHERE clinic_id = $1)
  INSERT INTO care.remarks (clinic_id, step_id, text) SELECT $1, id, 'nota' FROM step`;

const accidents = (clinic: string, first: string, second: string): [text: string, ...values: string[]][] => [
  [`UPDATE care.plans SET patient_id = $3 WHERE clinic_id = $1 AND patient_id = $2`, clinic, first, second],
  [`UPDATE care.steps SET after = 11 WHERE clinic_id = $1 AND id = 21`, clinic],
  [`UPDATE care.plans SET head = 31 WHERE clinic_id = $1 AND patient_id = $2`, clinic, second],
  [`DELETE FROM care.remarks WHERE clinic_id = $1 AND step_id IN (11, 12, 21)`, clinic],
  [
    `UPDATE care.label_uses SET code = (SELECT code FROM care.labels WHERE patient_id = $2) WHERE clinic_id = $1 AND id < 3`,
    clinic,
    second,
  ],
  [`DELETE FROM care.visits_seen WHERE clinic_id = $1`, clinic],
  // In the scope because of what they are now, not of what they were.
  [
    `UPDATE clinical.appointments SET patient_id = $2 WHERE clinic_id = $1 AND patient_id = $3`,
    clinic,
    first,
    second,
  ],
];

describe('A restore of one patient in tables of an application', () => {
  let clinic: TestClinic;
  beforeAll(async () => {
    await database.admin.query(TABLES);
    clinic = await plantClinic(database.admin, 'application-scope');
    await plantRows(database, clinic, 4);
    await database.admin.query(ROWS, [clinic.clinicId]);
    await database.admin.query('UPDATE care.plans SET head = 41 WHERE head IS NULL AND clinic_id = $1', [
      clinic.clinicId,
    ]);
  });

  it.each([
    ['of every table', {}],
    ['of one table below a ring', { tables: ['care.remarks'] }],
    ['of one table with texts as its parents’ keys', { tables: ['care.label_uses'] }],
    ['of what is missing', { mode: 'missing-only' as const }],
  ])('follows foreign keys through rings, in either state: %s', async (_, chosen) => {
    const catalogue = await catalogueOf(database);
    const { options } = await backUp(database, store, clinic);
    const backup = await readRows(database.admin, catalogue);
    const [first = '', second = ''] = await patientsOf(database.admin, clinic);
    for (const [text, ...values] of accidents(clinic.clinicId, first, second))
      await database.admin.query(text, values);
    const live = await readRows(database.admin, catalogue);
    const where = [{ column: 'patient_id', value: first }];
    const asked = { clinicIds: [clinic.clinicId], mode: 'replace' as const, where, ...chosen };
    const { rows, inScope } = expectedRows(catalogue, backup, live, asked);
    expect(inScope).toBeGreaterThan(0);
    await restoreBackup({ ...options, where, ...chosen, dryRun: false });
    expect(await readRows(database.admin, catalogue)).toEqual(rows);
    await restoreBackup({ ...options, dryRun: false });
    expect(await readRows(database.admin, catalogue)).toEqual(backup);
  });
});
