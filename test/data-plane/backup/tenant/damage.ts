import type pg from 'pg';

/** Statements that change a clinic's rows ($1) as an application could, each leaving every constraint satisfied. */
export const DAMAGES = {
  deleteOldestVisits: `WITH gone AS (SELECT id FROM clinical.visits WHERE clinic_id = $1 ORDER BY id LIMIT $2::int),
      notes AS (DELETE FROM clinical.prescription_addenda a USING clinical.prescriptions p
                 WHERE a.clinic_id = $1 AND p.clinic_id = $1 AND p.id = a.prescription_id AND p.visit_id IN (SELECT id FROM gone)),
      papers AS (DELETE FROM clinical.prescriptions WHERE clinic_id = $1 AND visit_id IN (SELECT id FROM gone))
    DELETE FROM clinical.visits WHERE clinic_id = $1 AND id IN (SELECT id FROM gone)`,
  changePatients: `UPDATE clinical.patients SET locale = locale || 'x', birth_date = NULL, phone_sealed = '\\xff'
    WHERE clinic_id = $1 AND id IN (SELECT id FROM clinical.patients WHERE clinic_id = $1 ORDER BY id LIMIT $2::int)`,
  addPatients: `INSERT INTO clinical.patients (clinic_id, patient_name_sealed, patient_name_index, phone_sealed, phone_index,
      medical_history_sealed, locale) SELECT $1, '', '', '', '', '', 'es' FROM generate_series(1, $2::int)`,
  bookForNewPatient: `WITH patient AS (INSERT INTO clinical.patients (clinic_id, patient_name_sealed, patient_name_index,
        phone_sealed, phone_index, medical_history_sealed, locale) SELECT $1, '', '', '', '', '', 'es' WHERE $2::int > 0 RETURNING id)
    INSERT INTO clinical.appointments (clinic_id, patient_id, staff_id, service_id, starts_at, duration_minutes, status)
    SELECT $1, p.id, s.id, v.id, now(), 15, 'booked' FROM patient p,
      (SELECT id FROM clinical.staff WHERE clinic_id = $1 LIMIT 1) s, (SELECT id FROM clinical.services WHERE clinic_id = $1 LIMIT 1) v`,
  giveAppointmentsToNewPatient: `WITH patient AS (INSERT INTO clinical.patients (clinic_id, patient_name_sealed,
        patient_name_index, phone_sealed, phone_index, medical_history_sealed, locale) SELECT $1, '', '', '', '', '', 'es' RETURNING id)
    UPDATE clinical.appointments SET patient_id = (SELECT id FROM patient)
     WHERE clinic_id = $1 AND id IN (SELECT id FROM clinical.appointments WHERE clinic_id = $1 ORDER BY id LIMIT $2::int)`,
  renumberInvoices: `UPDATE clinical.invoices SET number = number || '-' || $2::int WHERE clinic_id = $1`,
  deleteInvoices: `WITH lines AS (DELETE FROM clinical.invoice_lines WHERE clinic_id = $1 AND $2::int > 0)
    DELETE FROM clinical.invoices WHERE clinic_id = $1`,
  addLines: `INSERT INTO clinical.invoice_lines (clinic_id, invoice_id, description, amount_eur)
    SELECT clinic_id, id, 'Limpieza', 1 FROM clinical.invoices WHERE clinic_id = $1 ORDER BY id LIMIT $2::int`,
  addAddenda: `INSERT INTO clinical.prescription_addenda (clinic_id, prescription_id, note_sealed)
    SELECT clinic_id, id, '\\x03' FROM clinical.prescriptions WHERE clinic_id = $1 ORDER BY id LIMIT $2::int`,
  moveLines: `UPDATE clinical.invoice_lines SET invoice_id = (SELECT id FROM clinical.invoices WHERE clinic_id = $1 ORDER BY id DESC LIMIT 1)
    WHERE clinic_id = $1 AND id IN (SELECT id FROM clinical.invoice_lines WHERE clinic_id = $1 ORDER BY id LIMIT $2::int)`,
  emptyFigures: `DELETE FROM clinical.daily_figures WHERE clinic_id = $1 AND length(metric) > $2::int`,
  rescaleFigures: `UPDATE clinical.daily_figures SET value = value::numeric(10, 4) WHERE clinic_id = $1 AND $2::int > 0`,
  changeCustomer: `UPDATE clinical.billing_customers SET provider = 'other' || $2::int WHERE clinic_id = $1`,
} as const;

export type Damage = keyof typeof DAMAGES;

export const damage = async (admin: pg.Pool, clinicId: string, kind: Damage, amount = 2): Promise<void> => {
  await admin.query(DAMAGES[kind], [clinicId, amount]);
};

/** Two invoices take each other's number, which no two updates one after the other can undo. */
export const swapInvoiceNumbers = async (admin: pg.Pool, clinicId: string): Promise<void> => {
  const { rows } = await admin.query<{ id: string; number: string }>(
    'SELECT id, number FROM clinical.invoices WHERE clinic_id = $1 ORDER BY number LIMIT 2',
    [clinicId],
  );
  const [first, second] = rows;
  const rename = async (id: string | undefined, number: string | undefined): Promise<void> => {
    await admin.query('UPDATE clinical.invoices SET number = $3 WHERE clinic_id = $1 AND id = $2', [
      clinicId,
      id,
      number,
    ]);
  };
  await rename(first?.id, 'between');
  await rename(second?.id, first?.number);
  await rename(first?.id, second?.number);
};
