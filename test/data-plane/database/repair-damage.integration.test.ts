import { expect, test } from 'vitest';
import { lintSchema } from '../../../data-plane/database/lint/lint-schema.js';
import { useRepairedCell } from '../../support/repaired-cell.js';

const { asAdmin, look, repair } = useRepairedCell();
const CLINIC = '00000000-0000-4000-8000-000000000002';

/** What somebody can do by hand that stopped a repair, or that it did not see, with what a look has to name. */
test.each([
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
  ['GRANT ringfence_admin TO ringfence_app', 'membership ringfence_app in ringfence_admin'],
  [
    'CREATE ROLE middle; GRANT ringfence_admin TO middle; GRANT middle TO ringfence_tenant',
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
  ['ALTER TABLE clinical.messages SET UNLOGGED', 'logging clinical.messages'],
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
    'ALTER ROLE ringfence_admin SET session_replication_role = replica',
    'setting the administrator: session_replication_role',
  ],
  ['ALTER DATABASE repaired CONNECTION LIMIT 0', 'database connection limit of this database'],
  [
    `ALTER DATABASE repaired SET statement_timeout = 1; ALTER DATABASE repaired SET lock_timeout = 1;
     ALTER DATABASE repaired SET row_security = off; ALTER DATABASE repaired SET search_path = nowhere;
     ALTER ROLE ringfence_admin SET default_transaction_read_only = on; DROP POLICY clinic_boundary ON clinical.staff`,
    'policy clinic_boundary on clinical.staff',
  ],
])('is named and put back, and the lint is clean: %s', async (damage, named) => {
  await asAdmin((client) => client.query(damage));
  const seen = (await look()).map(({ kind, object }) => `${kind} ${object}`);
  expect(seen).toEqual(expect.arrayContaining([expect.stringContaining(named)]));
  const mended = await repair();
  expect(mended.filter(({ obstacle }) => obstacle)).toEqual([]);
  expect(mended.map(({ kind, object }) => `${kind} ${object}`)).toEqual(expect.arrayContaining(seen));
  expect(await look()).toEqual([]);
  await asAdmin(async (client) => {
    expect(await lintSchema(client)).toEqual([]);
    await client.query('ALTER DATABASE repaired RESET ALL; DROP ROLE IF EXISTS bi2, middle');
  });
});

const obstacles = async () =>
  (await repair()).flatMap(({ kind, object, obstacle }) =>
    obstacle ? [`${kind} ${object}: ${obstacle.sqlState}`] : [],
  );

/** What only somebody who knows the rows can mend, and how. */
test.each([
  [
    `ALTER TABLE clinical.messages DROP CONSTRAINT messages_clinic_id_conversation_id_fkey;
     INSERT INTO clinical.messages (clinic_id, conversation_id, author, body_sealed, sent_at)
     VALUES ('${CLINIC}', gen_random_uuid(), 'staff', '', now())`,
    'constraint messages_clinic_id_conversation_id_fkey on clinical.messages: 23503',
    'DELETE FROM clinical.messages',
  ],
  [
    `ALTER TABLE clinical.staff DROP CONSTRAINT staff_role_check; UPDATE clinical.staff SET role = 'service'`,
    'constraint staff_role_check on clinical.staff: 23514',
    `UPDATE clinical.staff SET role = 'doctor'`,
  ],
  [
    `ALTER TABLE clinical.staff DROP CONSTRAINT staff_clinic_id_user_id_key;
     INSERT INTO clinical.staff (clinic_id, user_id, full_name, role, active)
     SELECT clinic_id, user_id, 'twin', role, false FROM clinical.staff`,
    'constraint staff_clinic_id_user_id_key on clinical.staff: 23505',
    `DELETE FROM clinical.staff WHERE full_name = 'twin'`,
  ],
  [
    `ALTER TABLE clinical.services ALTER COLUMN name DROP NOT NULL; UPDATE clinical.services SET name = NULL`,
    'not null clinical.services.name: 23502',
    `UPDATE clinical.services SET name = 'A service'`,
  ],
  [
    'ALTER TABLE clinical.patients DROP COLUMN locale',
    'column clinical.patients.locale: null',
    'ALTER TABLE clinical.patients ADD COLUMN locale text',
  ],
])('what cannot be mended is named, and everything else is mended: %s', async (damage, named, correct) => {
  await asAdmin((client) =>
    client.query(`${damage};
      DROP POLICY clinic_boundary ON clinical.patients; GRANT SELECT ON ringfence_private.doors TO PUBLIC;
      ALTER TABLE clinical.visits NO FORCE ROW LEVEL SECURITY`),
  );
  expect(await obstacles()).toContain(named);
  const left = (await look()).map(({ kind, object }) => `${kind} ${object}`);
  expect(left.every((each) => /^(?:constraint|not null|column|default) /.test(each))).toBe(true);
  expect(left).toContain(named.replace(/: \w+$/, ''));
  await asAdmin((client) => client.query(correct));
  expect(await obstacles()).toEqual([]);
  expect(await look()).toEqual([]);
});

test('rows that were not there yet are held to a foreign key that older rows break', async () => {
  await asAdmin((client) =>
    client.query(`ALTER TABLE clinical.messages DROP CONSTRAINT messages_clinic_id_conversation_id_fkey;
      INSERT INTO clinical.messages (clinic_id, conversation_id, author, body_sealed, sent_at)
      VALUES ('${CLINIC}', gen_random_uuid(), 'staff', '', now())`),
  );
  await repair();
  await expect(
    asAdmin((client) =>
      client.query(`INSERT INTO clinical.messages (clinic_id, conversation_id, author, body_sealed, sent_at)
        VALUES ('${CLINIC}', gen_random_uuid(), 'staff', '', now())`),
    ),
  ).rejects.toMatchObject({ cause: { code: '23503' } });
  await asAdmin((client) => client.query('DELETE FROM clinical.messages'));
  expect(await obstacles()).toEqual([]);
});

test('what an application put on the tables comes back with what had to be dropped, or is named', async () => {
  const own = `CREATE POLICY not_at_night ON clinical.services AS RESTRICTIVE USING (ringfence.can('MANAGE_SERVICES'))`;
  await asAdmin((client) =>
    client.query(`DROP FUNCTION ringfence.can(text, text) CASCADE;
      CREATE FUNCTION ringfence.can(w text, s text DEFAULT NULL) RETURNS boolean LANGUAGE sql STABLE AS 'SELECT true'; ${own}`),
  );
  expect(await obstacles()).toEqual([]);
  const kept = await asAdmin((client) =>
    client.query(`SELECT FROM pg_policies WHERE policyname = 'not_at_night'`),
  );
  expect(kept.rowCount).toBe(1);
  await asAdmin((client) =>
    client.query(`DROP POLICY not_at_night ON clinical.services; DROP FUNCTION ringfence.can(text, text) CASCADE;
      CREATE FUNCTION ringfence.can(w text, s text DEFAULT NULL) RETURNS boolean LANGUAGE sql STABLE AS 'SELECT true';
      CREATE VIEW public.rights AS SELECT ringfence.can('EDIT_CONFIG') AS edits`),
  );
  expect(await repair()).toContainEqual({
    kind: 'function',
    object: 'ringfence.can(text,text)',
    problem: expect.stringContaining('another'),
    obstacle: { sqlState: '2BP01', fix: expect.stringContaining('public.rights.edits') },
  });
  await asAdmin((client) => client.query('DROP VIEW public.rights'));
  expect(await obstacles()).toEqual([]);
  expect(await look()).toEqual([]);
});
