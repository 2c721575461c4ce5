import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { readBackupTables } from '../../../../data-plane/backup/tenant/catalogue.js';
import { type BackupResult, takeBackup } from '../../../../data-plane/backup/tenant/take.js';
import { withConnection } from '../../../../data-plane/database/connect.js';
import { folderStore } from '../../../../data-plane/objects/folder-store.js';
import type { ObjectStore } from '../../../../data-plane/objects/object-store.js';
import { TEST_CONTEXT_KEY, type TestClinic, type TestDatabase } from '../../../support/cell-database.js';
import { sampleTenantKey } from '../../keys/samples.js';

/** A store in a folder that goes after the file's tests. */
export const useStore = async (): Promise<ObjectStore> => {
  const folder = await mkdtemp(join(tmpdir(), 'ringfence-backup-'));
  afterAll(() => rm(folder, { recursive: true }));
  return folderStore(folder);
};

/** Rows in every table of the reference schema; `patients` of each kind. */
export const plantRows = async (
  { admin }: TestDatabase,
  { clinicId }: TestClinic,
  patients = 6,
): Promise<void> => {
  const statements = [
    `INSERT INTO clinical.clinic_config SELECT $1, n, '{"theme": "claro"}', 'apertura', 'owner' FROM generate_series(1, 2) n`,
    `INSERT INTO clinical.services (clinic_id, name, duration_minutes, price_min_eur)
       SELECT $1, 'Limpieza ' || n, 30, CASE WHEN n % 2 = 0 THEN 40.50 END FROM generate_series(1, 3) n`,
    `INSERT INTO clinical.staff (clinic_id, user_id, full_name, role)
       SELECT $1, gen_random_uuid(), 'الدكتورة ليلى ' || n, 'doctor' FROM generate_series(1, 3) n`,
    `INSERT INTO clinical.patients (clinic_id, patient_name_sealed, patient_name_index, phone_sealed, phone_index,
                                    medical_history_sealed, birth_date, locale)
       SELECT $1, sha512(int4send(n)), sha256(int4send(n)), '\\x00ff0a0d5c', '\\x', sha512(int4send(-n)),
              CASE WHEN n % 2 = 0 THEN date '1980-01-31' + n END, 'ar' FROM generate_series(1, $2::int) n`,
    `INSERT INTO clinical.appointments (clinic_id, patient_id, staff_id, service_id, starts_at, duration_minutes, status)
       SELECT $1, p.id, s.id, v.id, timestamptz '2026-03-01 09:00Z' + n * interval '1 hour', 30, 'booked'
         FROM (SELECT id, row_number() OVER () AS n FROM clinical.patients WHERE clinic_id = $1) p,
              (SELECT id FROM clinical.staff WHERE clinic_id = $1 LIMIT 1) s,
              (SELECT id FROM clinical.services WHERE clinic_id = $1 LIMIT 1) v`,
    `INSERT INTO clinical.visits (clinic_id, patient_id, staff_id, appointment_id, status)
       SELECT clinic_id, patient_id, staff_id, id, 'WAITING' FROM clinical.appointments WHERE clinic_id = $1`,
    `INSERT INTO clinical.prescriptions (clinic_id, visit_id, status, payload_sealed)
       SELECT clinic_id, id, 'draft', '\\x01' FROM clinical.visits WHERE clinic_id = $1`,
    `INSERT INTO clinical.prescription_addenda (clinic_id, prescription_id, note_sealed)
       SELECT clinic_id, id, '\\x02' FROM clinical.prescriptions WHERE clinic_id = $1`,
    `INSERT INTO clinical.invoices (clinic_id, patient_id, number, issued_at, total_eur, status)
       SELECT $1, id, 'F-' || row_number() OVER (), now(), 60.10, 'open' FROM clinical.patients WHERE clinic_id = $1`,
    `INSERT INTO clinical.invoice_lines (clinic_id, invoice_id, description, amount_eur)
       SELECT clinic_id, id, 'Ortodoncia', 60.1 FROM clinical.invoices WHERE clinic_id = $1`,
    `INSERT INTO clinical.billing_customers SELECT $1, 'stripe', 'cus_1'`,
    `INSERT INTO clinical.subscriptions (clinic_id, plan, status) SELECT $1, 'basic', 'ACTIVE'`,
    `INSERT INTO clinical.audit_events (clinic_id, actor, action, subject)
       SELECT $1, 'owner', 'read', 'patient ' || n FROM generate_series(1, 4) n`,
    `INSERT INTO clinical.daily_figures SELECT $1, date '2026-03-01', metric, 1.50
       FROM unnest(ARRAY['visits', 'Visits', 'ñ', 'no_show', 'زيارات']) metric`,
  ];
  for (const text of statements) {
    const values = text.includes('$2') ? [clinicId, patients] : [clinicId];
    await admin.query(text, values);
  }
};

/** Arguments of a backup of this tenant; a new object each. */
export const backupOptions = (database: TestDatabase, store: ObjectStore, { tenantId }: TestClinic) => {
  const backupId = randomUUID();
  return {
    admin: database.connection,
    app: database.appConnection,
    contextKey: TEST_CONTEXT_KEY,
    now: () => new Date(),
    tenantId,
    key: sampleTenantKey(tenantId),
    store,
    objectKey: `${tenantId}/${backupId}.backup`,
    backupId,
  };
};

export type BackupOptions = ReturnType<typeof backupOptions>;

/** Takes a backup and returns what it was made with, for the restore. */
export const backUp = async (
  database: TestDatabase,
  store: ObjectStore,
  clinic: TestClinic,
): Promise<{ readonly options: BackupOptions; readonly result: BackupResult }> => {
  const options = backupOptions(database, store, clinic);
  return { options, result: await takeBackup(options) };
};

/** Takes every row of a clinic away, so that a restore finds nothing to compare with. */
export const loseRows = async (
  { admin, connection }: TestDatabase,
  { clinicId }: TestClinic,
): Promise<void> => {
  const tables = await withConnection(connection, readBackupTables);
  for (const { quoted } of tables.reverse())
    await admin.query(`DELETE FROM ${quoted} WHERE clinic_id = $1`, [clinicId]);
};
