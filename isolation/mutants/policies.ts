import type { Mutant } from './mutant.js';

const BOUNDARY = '(clinic_id = (SELECT ringfence.current_clinic()))';
const scenarios = ['side-door'] as const;

/** Row-level security and its policies. */
export const POLICY_MUTANTS: readonly Mutant[] = [
  {
    id: 'no-row-level-security',
    removes: 'row-level security of one table',
    isolation: [1, 2],
    sql: 'ALTER TABLE clinical.patients DISABLE ROW LEVEL SECURITY',
    scenarios,
    caughtBy: 'attack',
  },
  {
    id: 'no-force',
    removes: 'FORCE ROW LEVEL SECURITY, on a table that the application owns',
    isolation: [1],
    sql: 'ALTER TABLE clinical.invoices NO FORCE ROW LEVEL SECURITY; ALTER TABLE clinical.invoices OWNER TO ringfence_app',
    scenarios,
    caughtBy: 'attack',
  },
  {
    id: 'no-force-alone',
    removes: 'FORCE ROW LEVEL SECURITY, while nobody logs in as the owner',
    isolation: [1],
    sql: 'ALTER TABLE clinical.invoices NO FORCE ROW LEVEL SECURITY',
    scenarios,
    caughtBy: 'catalogue',
  },
  {
    id: 'permissive-boundary',
    removes: 'the RESTRICTIVE form of the boundary: it is OR-ed with every other policy',
    isolation: [17],
    sql: `DROP POLICY clinic_boundary ON clinical.patients;
          CREATE POLICY clinic_boundary ON clinical.patients USING ${BOUNDARY} WITH CHECK ${BOUNDARY}`,
    scenarios,
    caughtBy: 'attack',
  },
  {
    id: 'no-boundary',
    removes: 'the boundary policy of one table',
    isolation: [17],
    sql: 'DROP POLICY clinic_boundary ON clinical.messages',
    scenarios,
    caughtBy: 'attack',
  },
  {
    id: 'boundary-for-reads-only',
    removes: 'the boundary of writes: the policy is for SELECT only',
    isolation: [17],
    sql: `DROP POLICY clinic_boundary ON clinical.services;
          CREATE POLICY clinic_boundary ON clinical.services AS RESTRICTIVE FOR SELECT USING ${BOUNDARY}`,
    scenarios,
    caughtBy: 'attack',
  },
  {
    id: 'boundary-without-check',
    removes: 'the check of new rows: a clinic writes rows of another one',
    isolation: [17],
    sql: 'ALTER POLICY clinic_boundary ON clinical.staff WITH CHECK (true)',
    scenarios,
    caughtBy: 'attack',
  },
  {
    id: 'boundary-of-an-open-setting',
    removes: 'the context that SQL cannot write: the policy reads a setting that anyone sets',
    isolation: [12],
    sql: `ALTER POLICY clinic_boundary ON clinical.services
            USING (clinic_id = (SELECT nullif(current_setting('application_name'), '')::uuid))
            WITH CHECK (clinic_id = (SELECT nullif(current_setting('application_name'), '')::uuid))`,
    scenarios,
    caughtBy: 'catalogue',
  },
  {
    id: 'open-without-a-context',
    removes: 'the refusal outside a context: no clinic means every clinic',
    isolation: [11],
    sql: `ALTER POLICY clinic_boundary ON clinical.appointments
            USING (clinic_id = (SELECT ringfence.current_clinic()) OR (SELECT ringfence.current_clinic()) IS NULL)`,
    scenarios,
    caughtBy: 'attack',
  },
  {
    id: 'open-to-branches',
    removes: 'the boundary between clinics of one tenant',
    isolation: [5],
    sql: `CREATE FUNCTION clinical.sisters(clinic uuid) RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER
            SET search_path = pg_catalog, pg_temp AS $$ SELECT s.id FROM ringfence.clinics c
              JOIN ringfence.clinics s USING (tenant_id) WHERE c.id = clinic $$;
          GRANT EXECUTE ON FUNCTION clinical.sisters(uuid) TO ringfence_app, ringfence_tenant;
          ALTER POLICY clinic_boundary ON clinical.patients
            USING (clinic_id IN (SELECT clinical.sisters(ringfence.current_clinic())))`,
    scenarios,
    caughtBy: 'attack',
  },
  {
    id: 'list-of-clinics',
    removes: 'the boundary of the list of clinics',
    isolation: [17],
    sql: 'CREATE POLICY support ON ringfence.clinics FOR SELECT USING (true)',
    scenarios,
    caughtBy: 'attack',
  },
  {
    id: 'row-policy-on-partitions',
    removes: 'the rule that only the parent of a partitioned table is granted',
    isolation: [16],
    sql: `CREATE TABLE clinical.archive (clinic_id uuid NOT NULL, id uuid NOT NULL DEFAULT gen_random_uuid(), year int NOT NULL,
            PRIMARY KEY (clinic_id, id, year)) PARTITION BY LIST (year);
          CREATE TABLE clinical.archive_2026 PARTITION OF clinical.archive FOR VALUES IN (0, 1, 2026);
          SELECT ringfence.protect('clinical.archive');
          ALTER TABLE clinical.archive_2026 DISABLE ROW LEVEL SECURITY;
          GRANT SELECT ON clinical.archive_2026 TO ringfence_app`,
    scenarios,
    caughtBy: 'attack',
  },
];
