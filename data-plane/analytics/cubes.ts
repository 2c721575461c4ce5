/**
 * A fixed table of figures across clinics: one measure, by vertical and by one band of patients. The cells form a tree
 * (all, each vertical, each band of a vertical), and no measure is in two cubes, so no cube can be subtracted from
 * another (docs/threats.md 36).
 */
export interface Cube {
  readonly name: string;
  /** Names in ascending order, and the SQL expression over patient `p` and `month` that gives one of them or NULL. */
  readonly bands: { readonly names: readonly string[]; readonly expression: string };
  /** SQL of rows (clinic_id, patient_id, at timestamptz, amount >= 0). */
  readonly events: string;
  /** The most that one patient counts for in a month. */
  readonly perPatientMax: number;
  /** Figures are published as multiples of this. */
  readonly roundTo: number;
}

/** Patients without a birth date are in no cube by age. */
const AGE: Cube['bands'] = {
  names: ['00-17', '18-39', '40-64', '65+'],
  expression: `CASE WHEN p.birth_date IS NULL THEN NULL
                    WHEN p.birth_date > month - interval '18 years' THEN '00-17'
                    WHEN p.birth_date > month - interval '40 years' THEN '18-39'
                    WHEN p.birth_date > month - interval '65 years' THEN '40-64'
                    ELSE '65+' END`,
};

/** Patients of other languages are in no cube by language. */
const LANGUAGE: Cube['bands'] = {
  names: ['ar', 'en', 'es'],
  expression: `CASE WHEN split_part(p.locale, '-', 1) IN ('ar', 'en', 'es') THEN split_part(p.locale, '-', 1) END`,
};

const DAYS_MAX = 31;

export const CUBES: readonly Cube[] = [
  {
    name: 'visits_by_age',
    bands: AGE,
    events: `SELECT clinic_id, patient_id, finished_at AS at, 1 AS amount FROM clinical.visits WHERE status = 'DONE'`,
    perPatientMax: DAYS_MAX,
    roundTo: 5,
  },
  {
    name: 'no_shows_by_age',
    bands: AGE,
    events: `SELECT clinic_id, patient_id, starts_at AS at, 1 AS amount FROM clinical.appointments WHERE status = 'no_show'`,
    perPatientMax: DAYS_MAX,
    roundTo: 5,
  },
  {
    name: 'appointments_by_language',
    bands: LANGUAGE,
    events: `SELECT clinic_id, patient_id, starts_at AS at, 1 AS amount FROM clinical.appointments WHERE status <> 'canceled'`,
    perPatientMax: DAYS_MAX,
    roundTo: 5,
  },
  {
    name: 'new_patients_by_language',
    bands: LANGUAGE,
    events: 'SELECT clinic_id, id AS patient_id, created_at AS at, 1 AS amount FROM clinical.patients',
    perPatientMax: 1,
    roundTo: 5,
  },
  {
    name: 'invoiced_eur_by_age',
    bands: AGE,
    events: `SELECT clinic_id, patient_id, issued_at AS at, total_eur AS amount FROM clinical.invoices
              WHERE status <> 'void' AND total_eur > 0`,
    perPatientMax: 5_000,
    roundTo: 100,
  },
];
