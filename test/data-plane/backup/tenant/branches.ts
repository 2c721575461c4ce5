import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { plantClinic, type TestClinic, type TestDatabase } from '../../../support/cell-database.js';
import { plantRows } from './fixture.js';

/** A tenant of two clinics with rows in both, conversations included. */
export const plantBranches = async (
  database: TestDatabase,
  slug: string,
  patients?: number,
): Promise<readonly [TestClinic, TestClinic]> => {
  const first = await plantClinic(database.admin, slug);
  const second = { tenantId: first.tenantId, clinicId: randomUUID() };
  await database.admin.query(
    `INSERT INTO ringfence.clinics (id, tenant_id, slug, name, vertical, time_zone, state)
     VALUES ($1, $2, 'branch', 'branch', 'dental', 'Europe/Madrid', 'active')`,
    [second.clinicId, second.tenantId],
  );
  for (const clinic of [first, second]) {
    await plantRows(database, clinic, patients);
    await database.admin.query(
      `WITH talks AS (INSERT INTO clinical.conversations (clinic_id, patient_id, channel)
         SELECT clinic_id, id, 'sms' FROM clinical.patients WHERE clinic_id = $1 RETURNING clinic_id, id)
       INSERT INTO clinical.messages (clinic_id, conversation_id, author, body_sealed, sent_at)
         SELECT clinic_id, id, 'patient', '\\x05', now() FROM talks, generate_series(1, 2)`,
      [clinic.clinicId],
    );
  }
  return [first, second];
};

/** The ids of a clinic's patients, ascending. */
export const patientsOf = async (admin: pg.Pool, { clinicId }: TestClinic): Promise<string[]> =>
  (
    await admin.query<{ id: string }>('SELECT id FROM clinical.patients WHERE clinic_id = $1 ORDER BY id', [
      clinicId,
    ])
  ).rows.map(({ id }) => id);

/** Deletes a patient ($1) of whatever clinic, with everything about it. */
const DELETE_PATIENT = `WITH visit AS (SELECT clinic_id, id FROM clinical.visits WHERE patient_id = $1),
  paper AS (SELECT clinic_id, id FROM clinical.prescriptions WHERE (clinic_id, visit_id) IN (SELECT * FROM visit)),
  a AS (DELETE FROM clinical.prescription_addenda WHERE (clinic_id, prescription_id) IN (SELECT * FROM paper)),
  b AS (DELETE FROM clinical.prescriptions WHERE (clinic_id, id) IN (SELECT * FROM paper)),
  c AS (DELETE FROM clinical.visits WHERE patient_id = $1),
  d AS (DELETE FROM clinical.invoice_lines WHERE (clinic_id, invoice_id) IN
         (SELECT clinic_id, id FROM clinical.invoices WHERE patient_id = $1)),
  e AS (DELETE FROM clinical.invoices WHERE patient_id = $1),
  f AS (DELETE FROM clinical.messages WHERE (clinic_id, conversation_id) IN
         (SELECT clinic_id, id FROM clinical.conversations WHERE patient_id = $1)),
  g AS (DELETE FROM clinical.conversations WHERE patient_id = $1),
  h AS (DELETE FROM clinical.appointments WHERE patient_id = $1
         AND NOT EXISTS (SELECT FROM clinical.visits v WHERE v.appointment_id = appointments.id AND v.patient_id <> $1))
  DELETE FROM clinical.patients WHERE id = $1
     AND NOT EXISTS (SELECT FROM clinical.visits v JOIN clinical.appointments t ON t.id = v.appointment_id
                      WHERE t.patient_id = $1 AND v.patient_id <> $1)`;

/** Forgets a patient; one with an appointment that another patient's visit is of stays, without the rest. */
export const deletePatient = async (admin: pg.Pool, id: string | undefined): Promise<void> => {
  await admin.query(DELETE_PATIENT, [id]);
};
