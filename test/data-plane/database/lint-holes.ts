/** One hole in a sound cell, and what the lint says of it. */
export interface Hole {
  readonly rule: string;
  readonly object: string;
  /** Statements that make the hole, run as the superuser. */
  readonly plant: string;
  /** Rules that the same hole also breaks. */
  readonly also?: readonly string[];
  /** False where the fix cannot be run as it stands: in a transaction, or because it names an action. */
  readonly fixRuns?: false;
}

const LOGIN = `CREATE ROLE lint_login LOGIN CONNECTION LIMIT 5;`;
const TENANT_LOGIN = `${LOGIN} GRANT ringfence_tenant TO lint_login WITH INHERIT TRUE, SET FALSE;`;
const CHILD = `CREATE TABLE clinical.services_old () INHERITS (clinical.services);
  ALTER TABLE clinical.services_old OWNER TO ringfence_owner;`;
const SOUND_CHILD = `${CHILD} ALTER TABLE clinical.services_old ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;`;
const FUNCTION = `CREATE FUNCTION clinical.f() RETURNS bigint LANGUAGE sql`;
const REVIEWED = `INSERT INTO ringfence.reviewed_objects VALUES ('clinical.f()', 'test');`;
const NOT_PUBLIC = `REVOKE ALL ON FUNCTION clinical.f() FROM PUBLIC;`;
const BOUNDARY = 'clinic_id = (SELECT ringfence.current_clinic())';
const OTHER = `CREATE ROLE lint_other; CREATE SCHEMA lint_schema;`;

export const HOLES: readonly Hole[] = [
  { rule: 'role-attributes', object: 'ringfence_app', plant: `ALTER ROLE ringfence_app BYPASSRLS` },
  { rule: 'role-attributes', object: 'ringfence_owner', plant: `ALTER ROLE ringfence_owner LOGIN` },
  {
    rule: 'role-attributes',
    object: 'lint_login',
    plant: `${TENANT_LOGIN} ALTER ROLE lint_login SUPERUSER`,
  },
  {
    rule: 'role-attributes',
    object: 'lint_above',
    plant: `${TENANT_LOGIN} CREATE ROLE lint_above CREATEROLE; CREATE ROLE lint_between;
      GRANT lint_above TO lint_between; GRANT lint_between TO lint_login`,
    also: ['role-membership'],
  },
  {
    rule: 'role-ownership',
    object: 'table lint_schema.t',
    plant: `${OTHER} CREATE TABLE lint_schema.t (); ALTER TABLE lint_schema.t OWNER TO ringfence_app;
      INSERT INTO ringfence.global_tables VALUES ('lint_schema', 't', 'test'); REVOKE ALL ON lint_schema.t FROM ringfence_app`,
  },
  { rule: 'role-membership', object: 'ringfence_app', plant: `GRANT pg_read_all_data TO ringfence_app` },
  {
    rule: 'role-membership',
    object: 'lint_login',
    plant: `${TENANT_LOGIN} GRANT ringfence_owner TO lint_login`,
  },
  { rule: 'role-set-option', object: 'lint_login', plant: `${LOGIN} GRANT ringfence_tenant TO lint_login` },
  {
    rule: 'role-set-option',
    object: 'lint_login',
    plant: `${TENANT_LOGIN} GRANT ringfence_tenant TO lint_login WITH ADMIN OPTION`,
  },
  { rule: 'gate-member', object: 'lint_login', plant: `${LOGIN} GRANT ringfence_gate TO lint_login` },
  {
    rule: 'stored-setting',
    object: 'ringfence_app',
    plant: `ALTER ROLE ringfence_app SET "TimeZone" TO 'Asia/Tokyo'`,
  },
  {
    rule: 'stored-setting',
    object: 'ringfence_app in $database',
    plant: `DO $$ BEGIN EXECUTE format('ALTER ROLE ringfence_app IN DATABASE %I SET row_security = off', current_database()); END $$`,
  },
  {
    rule: 'plan-module',
    object: 'session_preload_libraries',
    plant: `SET LOCAL session_preload_libraries = 'pg_prewarm, auto_explain'`,
  },
  {
    rule: 'login-limit',
    object: 'lint_login',
    plant: `${TENANT_LOGIN} ALTER ROLE lint_login CONNECTION LIMIT -1;
      INSERT INTO ringfence.tenants VALUES (gen_random_uuid(), 'x', 'active', 'lint_login')`,
  },

  { rule: 'unknown-table', object: 'public.notes', plant: `CREATE TABLE public.notes (id uuid PRIMARY KEY)` },
  {
    rule: 'unknown-table',
    object: '"Odd"."No""tes"',
    plant: `CREATE SCHEMA "Odd"; CREATE TABLE "Odd"."No""tes" (id uuid PRIMARY KEY)`,
  },
  {
    rule: 'unknown-table',
    object: 'clinical.remote',
    plant: `CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w;
      CREATE FOREIGN TABLE clinical.remote (id uuid) SERVER s`,
  },
  {
    rule: 'catalogue',
    object: 'shop.gone',
    plant: `INSERT INTO ringfence.tenant_tables VALUES ('shop', 'gone', false)`,
  },
  {
    rule: 'catalogue',
    object: 'ringfence_private.support_announcements',
    plant: 'DROP TABLE ringfence_private.support_announcements',
    also: ['as-released'],
    fixRuns: false,
  },
  {
    rule: 'catalogue',
    object: 'clinical.services',
    plant: `INSERT INTO ringfence.global_tables VALUES ('clinical', 'services', 'no policy needed')`,
    also: ['global-table-grant'],
  },
  {
    rule: 'table-owner',
    object: 'clinical.visits',
    plant: `ALTER TABLE clinical.visits OWNER TO ringfence_gate`,
  },
  {
    rule: 'clinic-column',
    object: 'clinical.services',
    plant: `CREATE TABLE clinical.t (clinic_id uuid, id uuid);
      UPDATE ringfence.tenant_tables SET table_name = table_name;
      ALTER TABLE clinical.appointments DROP CONSTRAINT appointments_clinic_id_service_id_fkey;
      ALTER TABLE clinical.services DROP CONSTRAINT services_pkey;
      ALTER TABLE clinical.services ALTER COLUMN clinic_id DROP NOT NULL; DROP TABLE clinical.t`,
    also: ['primary-key'],
  },
  {
    rule: 'force-rls',
    object: 'clinical.patients',
    plant: `ALTER TABLE clinical.patients NO FORCE ROW LEVEL SECURITY`,
  },
  {
    rule: 'force-rls',
    object: 'clinical.patients',
    plant: `ALTER TABLE clinical.patients DISABLE ROW LEVEL SECURITY`,
  },
  {
    rule: 'force-rls',
    object: 'ringfence.clinics',
    plant: `ALTER TABLE ringfence.clinics DISABLE ROW LEVEL SECURITY`,
  },
  { rule: 'force-rls', object: 'clinical.services_old', plant: CHILD },
  {
    rule: 'boundary-policy',
    object: 'clinical.staff',
    plant: `DROP POLICY clinic_boundary ON clinical.staff`,
  },
  ...[
    `AS PERMISSIVE USING (${BOUNDARY}) WITH CHECK (${BOUNDARY})`,
    `AS RESTRICTIVE FOR SELECT USING (${BOUNDARY})`,
    `AS RESTRICTIVE TO ringfence_app USING (${BOUNDARY}) WITH CHECK (${BOUNDARY})`,
    `AS RESTRICTIVE USING (${BOUNDARY} OR role = 'visiting') WITH CHECK (${BOUNDARY})`,
    `AS RESTRICTIVE USING (${BOUNDARY}) WITH CHECK (true)`,
    `AS RESTRICTIVE USING (${BOUNDARY})`,
  ].map((policy) => ({
    rule: 'boundary-policy',
    object: 'clinical.staff',
    plant: `DROP POLICY clinic_boundary ON clinical.staff; CREATE POLICY clinic_boundary ON clinical.staff ${policy}`,
  })),
  {
    rule: 'boundary-policy',
    object: 'clinical.audit_events',
    plant: `CREATE FUNCTION clinical.current_clinic() RETURNS uuid LANGUAGE sql STABLE AS 'SELECT gen_random_uuid()';
      ALTER POLICY clinic_boundary ON clinical.audit_events
      USING (clinic_id = (SELECT clinical.current_clinic())) WITH CHECK (clinic_id = (SELECT clinical.current_clinic()))`,
  },
  {
    rule: 'extra-policy',
    object: 'clinical.messages',
    plant: `CREATE POLICY support ON clinical.messages FOR SELECT USING (true)`,
  },
  {
    rule: 'extra-policy',
    object: 'ringfence.clinics',
    plant: `CREATE POLICY support ON ringfence.clinics FOR SELECT USING (true)`,
  },

  {
    rule: 'view-security-invoker',
    object: 'clinical.names',
    plant: `CREATE VIEW clinical.names AS SELECT full_name FROM clinical.staff`,
  },
  {
    rule: 'view-security-invoker',
    object: 'clinical.outer_view',
    plant: `CREATE VIEW clinical.inner_view WITH (security_invoker) AS SELECT full_name FROM clinical.staff;
      CREATE VIEW clinical.outer_view AS SELECT * FROM clinical.inner_view`,
  },
  {
    rule: 'view-security-invoker',
    object: 'clinical.neighbours',
    plant: `CREATE VIEW clinical.neighbours WITH (security_invoker = off) AS SELECT slug FROM ringfence.tenants`,
  },
  {
    rule: 'materialised-view',
    object: 'clinical.counts',
    plant: `CREATE MATERIALIZED VIEW clinical.counts AS SELECT clinic_id, count(*) FROM clinical.visits GROUP BY 1`,
  },
  {
    rule: 'definer-function',
    object: 'lint_hidden()',
    plant: `CREATE FUNCTION pg_catalog.lint_hidden() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'`,
  },
  {
    rule: 'definer-function',
    object: 'clinical.f()',
    plant: `${FUNCTION} SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'SELECT 1'; ${NOT_PUBLIC}`,
  },
  {
    rule: 'definer-search-path',
    object: 'clinical.f()',
    plant: `${FUNCTION} SECURITY DEFINER AS 'SELECT 1'; ${NOT_PUBLIC} ${REVIEWED}`,
  },
  {
    rule: 'definer-search-path',
    object: 'clinical.f()',
    plant: `${FUNCTION} SECURITY DEFINER SET search_path = pg_temp, clinical AS 'SELECT 1'; ${NOT_PUBLIC} ${REVIEWED}`,
  },
  {
    rule: 'definer-public',
    object: 'clinical.f()',
    plant: `${FUNCTION} SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'SELECT 1'; ${REVIEWED}
      GRANT EXECUTE ON FUNCTION clinical.f() TO PUBLIC`,
  },
  { rule: 'leakproof-function', object: 'clinical.f()', plant: `${FUNCTION} LEAKPROOF AS 'SELECT 1'` },
  {
    rule: 'immutable-context',
    object: 'clinical.f()',
    plant: `CREATE FUNCTION clinical.f() RETURNS uuid LANGUAGE sql IMMUTABLE AS 'SELECT ringfence.current_clinic()'`,
  },
  {
    rule: 'immutable-context',
    object: 'clinical.f()',
    plant: `CREATE FUNCTION clinical.f() RETURNS text LANGUAGE sql IMMUTABLE RETURN current_setting('backtrace_functions')`,
  },
  {
    rule: 'context-function',
    object: 'ringfence.current_clinic()',
    plant: `CREATE OR REPLACE FUNCTION ringfence.current_clinic() RETURNS uuid LANGUAGE sql STABLE
      AS $$ SELECT current_setting('app.clinic')::uuid $$`,
    fixRuns: false,
  },
  {
    rule: 'context-function',
    object: 'ringfence.current_clinic()',
    plant: `ALTER FUNCTION ringfence.current_clinic() IMMUTABLE`,
    also: ['immutable-context'],
    fixRuns: false,
  },
  {
    rule: 'context-function',
    object: 'ringfence.enter(bytea)',
    plant: `ALTER FUNCTION ringfence.enter(bytea) OWNER TO CURRENT_USER`,
  },
  {
    rule: 'context-setting',
    object: 'backtrace_functions',
    plant: `GRANT SET ON PARAMETER backtrace_functions TO ringfence_owner`,
  },
  {
    rule: 'context-setting',
    object: 'session_replication_role',
    plant: `GRANT SET ON PARAMETER session_replication_role TO ringfence_app`,
  },
  {
    rule: 'context-setting',
    object: 'backtrace_functions',
    plant: `REVOKE SET ON PARAMETER backtrace_functions FROM ringfence_gate`,
  },
  {
    rule: 'stored-context',
    object: 'ringfence_app',
    plant: `ALTER ROLE ringfence_app SET backtrace_functions = '00000000000000000000000000000001'`,
    also: ['stored-setting'],
  },
  {
    rule: 'trigger-owner',
    object: 'clinical.staff',
    plant: `CREATE ROLE lint_other; CREATE FUNCTION clinical.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
      ALTER FUNCTION clinical.f() OWNER TO lint_other;
      CREATE TRIGGER spy BEFORE INSERT ON clinical.staff FOR EACH ROW EXECUTE FUNCTION clinical.f()`,
  },
  {
    rule: 'write-triggers',
    object: 'clinical.staff',
    plant: 'ALTER TABLE clinical.staff DISABLE TRIGGER ringfence_guard',
  },
  {
    rule: 'write-triggers',
    object: 'clinical.audit_events',
    plant: 'DROP TRIGGER ringfence_seal ON clinical.audit_events',
  },
  {
    rule: 'append-only',
    object: 'clinical.clinic_config',
    plant: 'GRANT UPDATE ON clinical.clinic_config TO ringfence_app',
  },
  {
    rule: 'append-only',
    object: 'clinical.audit_events',
    plant: 'GRANT INSERT ON clinical.audit_events TO ringfence_tenant',
  },
  {
    rule: 'table-rule',
    object: 'clinical.staff',
    plant: `CREATE RULE spy AS ON INSERT TO clinical.staff DO ALSO SELECT 1`,
  },

  {
    rule: 'forbidden-grant',
    object: 'clinical.visits',
    plant: `GRANT TRUNCATE ON clinical.visits TO ringfence_app`,
  },
  {
    rule: 'forbidden-grant',
    object: 'clinical.visits',
    plant: `GRANT REFERENCES ON clinical.visits TO ringfence_tenant`,
  },
  {
    rule: 'forbidden-grant',
    object: 'clinical.visits',
    plant: `${TENANT_LOGIN} GRANT TRIGGER ON clinical.visits TO lint_login`,
  },
  {
    rule: 'forbidden-grant',
    object: 'analytics.benchmarks',
    plant: `GRANT MAINTAIN ON analytics.benchmarks TO ringfence_app`,
  },
  { rule: 'public-grant', object: 'edge.secrets', plant: `GRANT SELECT ON edge.secrets TO PUBLIC` },
  { rule: 'public-grant', object: 'public', plant: `GRANT CREATE ON SCHEMA public TO PUBLIC` },
  {
    rule: 'column-grant',
    object: 'edge.secrets',
    plant: `GRANT SELECT (name) ON edge.secrets TO ringfence_app`,
  },
  {
    rule: 'child-grant',
    object: 'clinical.services_old',
    plant: `${SOUND_CHILD} GRANT SELECT ON clinical.services_old TO ringfence_app`,
  },
  {
    rule: 'global-table-grant',
    object: 'analytics.benchmarks',
    plant: `GRANT UPDATE ON analytics.benchmarks TO ringfence_app`,
  },
  {
    rule: 'global-table-grant',
    object: 'ringfence.tenants',
    plant: `GRANT SELECT ON ringfence.tenants TO ringfence_tenant`,
  },
  {
    rule: 'control-function-grant',
    object: 'ringfence.protect(regclass,boolean)',
    plant: `GRANT EXECUTE ON FUNCTION ringfence.protect(regclass, boolean) TO ringfence_app`,
  },
  {
    rule: 'default-privilege',
    object: 'clinical',
    plant: `ALTER DEFAULT PRIVILEGES FOR ROLE ringfence_owner IN SCHEMA clinical GRANT SELECT ON TABLES TO ringfence_app`,
  },

  {
    rule: 'unique-key',
    object: 'clinical.invoices',
    plant: `ALTER TABLE clinical.invoices ADD UNIQUE (number)`,
  },
  {
    rule: 'unique-key',
    object: 'clinical.staff',
    plant: `CREATE UNIQUE INDEX ON clinical.staff (lower(full_name), clinic_id)`,
  },
  {
    rule: 'unique-key',
    object: 'clinical.invoices',
    plant: `ALTER TABLE clinical.invoices ADD EXCLUDE USING btree (number WITH =)`,
  },
  {
    rule: 'primary-key',
    object: 'clinical.audit_events',
    plant: `ALTER TABLE clinical.audit_events DROP CONSTRAINT audit_events_pkey, ADD PRIMARY KEY (id)`,
  },
  {
    rule: 'primary-key',
    object: 'clinical.audit_events',
    plant: `ALTER TABLE clinical.audit_events DROP CONSTRAINT audit_events_pkey`,
  },
  {
    rule: 'foreign-key',
    object: 'clinical.invoices',
    plant: `CREATE UNIQUE INDEX ON clinical.services (clinic_id, duration_minutes, id);
      ALTER TABLE clinical.services ADD UNIQUE (clinic_id, name, id);
      ALTER TABLE clinical.invoices ADD line uuid, ADD other uuid,
        ADD CONSTRAINT crossed FOREIGN KEY (other, number, line) REFERENCES clinical.services (clinic_id, name, id)`,
    also: ['write-triggers'],
  },
  {
    rule: 'foreign-key-target',
    object: 'analytics.benchmarks',
    plant: `ALTER TABLE analytics.benchmarks ADD clinic_id uuid, ADD service uuid,
      ADD CONSTRAINT source FOREIGN KEY (clinic_id, service) REFERENCES clinical.services (clinic_id, id)`,
  },
  {
    rule: 'foreign-key-target',
    object: 'clinical.staff',
    plant: `CREATE TABLE public.specialities (name text PRIMARY KEY);
      ALTER TABLE clinical.staff ADD FOREIGN KEY (speciality) REFERENCES public.specialities`,
    also: ['unknown-table'],
  },
  {
    rule: 'sequence',
    object: 'clinical.invoices',
    plant: `ALTER TABLE clinical.invoices ADD counter bigint GENERATED ALWAYS AS IDENTITY`,
    also: ['write-triggers'],
  },
  {
    rule: 'sequence',
    object: 'clinical.invoices',
    plant: `ALTER TABLE clinical.invoices ADD counter serial`,
    also: ['write-triggers'],
  },

  {
    rule: 'definition-guard',
    object: 'ringfence_definitions',
    plant: 'ALTER EVENT TRIGGER ringfence_definitions DISABLE',
  },
  {
    rule: 'definition-guard',
    object: 'ringfence_definitions',
    plant: 'DROP EVENT TRIGGER ringfence_definitions',
  },
  { rule: 'other-database', object: 'postgres', plant: 'GRANT CONNECT ON DATABASE postgres TO PUBLIC' },
  {
    rule: 'other-database',
    object: 'template1',
    plant: 'GRANT CONNECT ON DATABASE template1 TO ringfence_app',
  },
  {
    rule: 'as-released',
    object: 'function ringfence.may_write()',
    plant: `SELECT ringfence_private.record_release();
      CREATE OR REPLACE FUNCTION ringfence.may_write() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS 'SELECT true'`,
    fixRuns: false,
  },
  {
    rule: 'as-released',
    object: 'trigger ringfence_rules on clinical.staff',
    plant: `SELECT ringfence_private.record_release(); ALTER TABLE clinical.staff DISABLE TRIGGER ringfence_rules`,
    fixRuns: false,
  },
  {
    rule: 'database-privilege',
    object: '$database',
    plant: `DO $$ BEGIN EXECUTE format('GRANT TEMP ON DATABASE %I TO ringfence_app', current_database()); END $$`,
  },
  { rule: 'schema-create', object: 'clinical', plant: `GRANT CREATE ON SCHEMA clinical TO ringfence_app` },
  {
    rule: 'schema-create',
    object: 'ringfence_private',
    plant: `GRANT USAGE ON SCHEMA ringfence_private TO ringfence_tenant`,
  },
  {
    rule: 'session-function',
    object: 'pg_advisory_lock(bigint)',
    plant: `GRANT EXECUTE ON FUNCTION pg_advisory_lock(bigint) TO PUBLIC`,
  },
  {
    rule: 'session-function',
    object: 'pg_terminate_backend(integer,bigint)',
    plant: `GRANT EXECUTE ON FUNCTION pg_terminate_backend TO ringfence_app`,
  },
  {
    rule: 'session-view',
    object: 'pg_stat_activity',
    plant: `GRANT SELECT ON pg_stat_activity TO ringfence_app`,
  },
  { rule: 'publication', object: 'everything', plant: `CREATE PUBLICATION everything FOR ALL TABLES` },
  { rule: 'publication', object: 'half', plant: `CREATE PUBLICATION half FOR TABLES IN SCHEMA clinical` },
  {
    rule: 'publication',
    object: 'one',
    plant: `CREATE PUBLICATION one FOR TABLE clinical.staff WHERE (active)`,
  },
  { rule: 'language', object: 'plpgsql', plant: `GRANT USAGE ON LANGUAGE plpgsql TO ringfence_app` },
  {
    rule: 'foreign-data',
    object: 'w',
    plant: `CREATE FOREIGN DATA WRAPPER w; GRANT USAGE ON FOREIGN DATA WRAPPER w TO ringfence_app`,
  },
  {
    rule: 'foreign-data',
    object: 's',
    plant: `CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w; CREATE USER MAPPING FOR PUBLIC SERVER s`,
  },
  {
    rule: 'foreign-data',
    object: 'public.dblink(text)',
    plant: `CREATE EXTENSION dblink SCHEMA public; GRANT EXECUTE ON FUNCTION public.dblink(text) TO PUBLIC`,
  },
];
