/**
 * What somebody can do by hand, as superuser, that stops a repair or that it may not see, with what a look has to name.
 * `$admin` is the owner of the database.
 */
export const DAMAGE: ReadonlyArray<readonly [damage: string, named: string]> = [
  // A function whose parameters or result are others cannot be replaced.
  [
    `DROP FUNCTION ringfence.can(text, text) CASCADE;
     CREATE FUNCTION ringfence.can(w text, s text) RETURNS boolean LANGUAGE sql AS 'SELECT true'`,
    'function ringfence.can(text,text)',
  ],
  [
    `DROP FUNCTION ringfence.is_kept(); CREATE FUNCTION ringfence.is_kept() RETURNS text LANGUAGE sql AS $$SELECT 'x'$$`,
    'function ringfence.is_kept()',
  ],
  // Memberships with grantors of their own, and the administrator's role for applications.
  [
    `CREATE ROLE bi2; GRANT ringfence_owner TO bi2 WITH ADMIN OPTION; SET ROLE bi2; GRANT ringfence_owner TO ringfence_app; RESET ROLE`,
    'membership ringfence_app in ringfence_owner',
  ],
  ['GRANT $admin TO ringfence_app', 'membership ringfence_app in $admin'],
  [
    'CREATE ROLE middle; GRANT $admin TO middle; GRANT middle TO ringfence_tenant',
    'membership ringfence_tenant in middle',
  ],
  [
    `CREATE OR REPLACE FUNCTION ringfence_private.refuse_definitions() RETURNS event_trigger LANGUAGE plpgsql
       AS $$ BEGIN RAISE EXCEPTION 'always'; END $$`,
    'function ringfence_private.refuse_definitions()',
  ],
  // What a repair works with.
  ['DROP FUNCTION ringfence_private.keep_logins()', 'function ringfence_private.keep_logins()'],
  ['DROP FUNCTION ringfence_private.restore_copies()', 'function ringfence_private.restore_copies()'],
  ['DROP FUNCTION ringfence_private.end_table_locks()', 'function ringfence_private.end_table_locks()'],
  ['DROP VIEW ringfence_private.tenant_sessions', 'view ringfence_private.tenant_sessions'],
  ['DROP VIEW ringfence_private.defences', 'view ringfence_private.defences'],
  ['DROP FUNCTION ringfence_private.is_managed() CASCADE', 'view ringfence_private.defences'],
  ['DROP FUNCTION ringfence_private.differences() CASCADE', 'function ringfence_private.differences()'],
  [
    `CREATE OR REPLACE FUNCTION ringfence_private.differences()
       RETURNS TABLE (place integer, kind text, object text, problem text, unmake text, make text)
       LANGUAGE sql AS $$ SELECT 1, ''::text, ''::text, ''::text, ''::text, ''::text WHERE false $$`,
    'function ringfence_private.differences()',
  ],
  // Tables.
  [
    'ALTER TABLE clinical.staff DROP CONSTRAINT staff_role_check',
    'constraint staff_role_check on clinical.staff',
  ],
  [
    'ALTER TABLE clinical.staff DROP CONSTRAINT staff_clinic_id_user_id_key',
    'constraint staff_clinic_id_user_id_key on clinical.staff',
  ],
  [
    'ALTER TABLE clinical.patients DROP CONSTRAINT patients_pkey CASCADE',
    'constraint patients_pkey on clinical.patients',
  ],
  ['ALTER TABLE clinical.staff ALTER COLUMN full_name DROP NOT NULL', 'not null clinical.staff.full_name'],
  ['ALTER TABLE clinical.staff ALTER COLUMN id DROP DEFAULT', 'default clinical.staff.id'],
  [`ALTER TABLE clinical.staff ALTER COLUMN role SET DEFAULT 'owner'`, 'default clinical.staff.role'],
  ['ALTER TABLE clinical.messages SET UNLOGGED', 'table clinical.messages'],
  ['DROP INDEX clinical.messages_conversation', 'index clinical.messages_conversation'],
  // Rights on what Postgres brings along.
  ['GRANT SELECT ON pg_statistic TO PUBLIC', 'grant PUBLIC on table pg_statistic'],
  ['GRANT SELECT ON pg_shadow TO ringfence_app', 'grant ringfence_app on table pg_shadow'],
  [
    'GRANT SELECT (rolname, rolpassword) ON pg_authid TO ringfence_app',
    'grant ringfence_app on columns of pg_authid',
  ],
  [
    'GRANT EXECUTE ON FUNCTION pg_read_file(text) TO ringfence_app',
    'grant ringfence_app on function pg_read_file(text)',
  ],
  [
    'GRANT EXECUTE ON FUNCTION pg_notify(text, text) TO PUBLIC',
    'revocation PUBLIC on function pg_notify(text,text)',
  ],
  ['REVOKE EXECUTE ON FUNCTION sha256(bytea) FROM PUBLIC', 'revocation PUBLIC on function sha256(bytea)'],
  ['REVOKE USAGE ON SCHEMA pg_catalog FROM PUBLIC', 'revocation PUBLIC on schema pg_catalog'],
  ['GRANT CREATE ON SCHEMA pg_catalog TO ringfence_app', 'grant ringfence_app on schema pg_catalog'],
  ['REVOKE USAGE ON TYPE uuid FROM PUBLIC', 'revocation PUBLIC on type uuid'],
  [
    'ALTER ROLE $admin SET role = ringfence_app; DROP POLICY clinic_boundary ON clinical.staff',
    'setting the administrator: role',
  ],
  ['REVOKE SELECT ON pg_type FROM PUBLIC', 'revocation PUBLIC on table pg_type'],
  // Contents.
  [
    `UPDATE ringfence_private.subscription_windows SET writable_until = 'infinity', readable_until = 'infinity'`,
    'copy ringfence_private.subscription_windows',
  ],
  [`UPDATE ringfence_private.doors SET writable_until = 'infinity'`, 'copy ringfence_private.doors'],
  ['DELETE FROM ringfence_private.pseudonym_keys', 'pseudonym keys of 1 clinics'],
  // Settings.
  [
    'ALTER ROLE $admin SET session_replication_role = replica',
    'setting the administrator: session_replication_role',
  ],
  ['ALTER DATABASE repaired CONNECTION LIMIT 0', 'database connection limit of this database'],
  [
    `ALTER DATABASE repaired SET statement_timeout = 1; ALTER DATABASE repaired SET lock_timeout = 1;
     ALTER DATABASE repaired SET row_security = off; ALTER DATABASE repaired SET search_path = nowhere;
     ALTER ROLE $admin SET default_transaction_read_only = on; DROP POLICY clinic_boundary ON clinical.staff`,
    'policy clinic_boundary on clinical.staff',
  ],
];
