import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { plantClinic, type TestClinic } from '../../support/cell-database.js';

/** The numbers of patients by age band: below 18, below 40, below 65, above. */
export type ByAge = readonly [number, number, number, number];

const BIRTHS = ['2015-01-01', '1995-01-01', '1970-01-01', '1940-01-01'];

/** A clinic of its own tenant whose patients had `visitsEach` finished visits in each of the months. */
export const plantBusyClinic = async (
  admin: pg.Pool,
  slug: string,
  { byAge, months, visitsEach = 2 }: { byAge: ByAge; months: readonly string[]; visitsEach?: number },
): Promise<TestClinic> => {
  const clinic = await plantClinic(admin, slug);
  await admin.query(`UPDATE ringfence.tenants SET created_at = clock_timestamp() WHERE id = $1`, [
    clinic.tenantId,
  ]);
  const staffId = randomUUID();
  await admin.query(
    `INSERT INTO clinical.staff (clinic_id, id, full_name, role) VALUES ($1, $2, 'Dra. Prueba', 'doctor')`,
    [clinic.clinicId, staffId],
  );
  for (const [band, count] of byAge.entries()) {
    await admin.query(
      `WITH patient AS (
         INSERT INTO clinical.patients (clinic_id, patient_name_sealed, patient_name_index, phone_sealed, phone_index,
                                        medical_history_sealed, birth_date, locale)
         SELECT $1, '', '', '', '', '', $2, 'es' FROM generate_series(1, $3) RETURNING id)
       INSERT INTO clinical.visits (clinic_id, patient_id, staff_id, status, started_at, finished_at)
       SELECT $1, id, $4, 'DONE', day, day + interval '20 minutes'
         FROM patient, unnest($5::text[]) AS month, generate_series(1, $6) AS visit,
              LATERAL (SELECT (month || '-10T09:00:00Z')::timestamptz + visit * interval '1 day' AS day) AS days`,
      [clinic.clinicId, BIRTHS[band], count, staffId, months, visitsEach],
    );
  }
  return clinic;
};

/** The published cells of a cube: `vertical/band` to value. */
export const publishedCells = async (
  client: pg.Pool | pg.PoolClient,
  cube: string,
  month: string,
): Promise<Record<string, number>> => {
  const { rows } = await client.query<{ cell: string; value: number }>(
    `SELECT vertical || '/' || band AS cell, value::int AS value FROM analytics.benchmarks
      WHERE cube = $1 AND month = $2 ORDER BY 1`,
    [cube, `${month}-01`],
  );
  return Object.fromEntries(rows.map(({ cell, value }) => [cell, value]));
};
