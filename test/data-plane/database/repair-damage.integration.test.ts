import { expect, test } from 'vitest';
import type { RingfenceError } from '../../../core/errors.js';
import { withConnection } from '../../../data-plane/database/connect.js';
import { prepareCell } from '../../../data-plane/database/prepare-cell.js';
import { repairCell } from '../../../data-plane/database/repair/repair-cell.js';
import { CREDENTIALS, mendsWholly, useRepairedCell } from '../../support/repaired-cell.js';
import { DAMAGE } from './repair-damage.js';

const cell = useRepairedCell();
const { asAdmin, look, repair } = cell;
const CLINIC = '00000000-0000-4000-8000-000000000002';

test.each(DAMAGE)('is named and put back, and the lint is clean: %s', (damage, named) =>
  mendsWholly(cell, damage, named),
);

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

test('a view of an application does not go with a key that is another', async () => {
  await asAdmin((client) =>
    client.query(`ALTER TABLE clinical.messages DROP CONSTRAINT messages_pkey;
      ALTER TABLE clinical.messages ADD CONSTRAINT messages_pkey PRIMARY KEY (clinic_id, id, sent_at);
      CREATE VIEW public.authors AS SELECT clinic_id, id, sent_at, author FROM clinical.messages GROUP BY clinic_id, id, sent_at`),
  );
  expect(await obstacles()).toEqual(['constraint messages_pkey on clinical.messages: 2BP01']);
  await asAdmin((client) => client.query('DROP VIEW public.authors'));
  expect(await obstacles()).toEqual([]);
  expect(await look()).toEqual([]);
});

test('a table of Ringfence that is gone is named, and its functions come back with it', async () => {
  const { rows } = await asAdmin((client) =>
    client.query<{
      columns: string;
    }>(`SELECT string_agg(format('%I %s %s', attname, format_type(atttypid, atttypmod),
        CASE WHEN attnotnull THEN 'NOT NULL' END), ', ' ORDER BY attnum) AS columns
      FROM pg_attribute WHERE attrelid = 'ringfence_private.doors'::regclass AND attnum > 0`),
  );
  await asAdmin((client) => client.query('DROP TABLE ringfence_private.doors CASCADE'));
  expect((await look()).map(({ kind, object }) => `${kind} ${object}`)).toContain(
    'table ringfence_private.doors',
  );
  expect(await obstacles()).toContain('table ringfence_private.doors: 42P01');
  await asAdmin((client) => client.query(`CREATE TABLE ringfence_private.doors (${rows[0]?.columns})`));
  expect(await obstacles()).toEqual([]);
  expect(await look()).toEqual([]);
  expect((await asAdmin((client) => client.query('SELECT FROM ringfence_private.doors'))).rowCount).toBe(1);
});

test('a cell that has lost its release is whole again with that of another cell, and loses no row', async () => {
  const other = { ...cell.admin(), database: 'other' };
  await asAdmin((client) => client.query('CREATE DATABASE other'));
  const release = await withConnection(other, async (client) => {
    await prepareCell(client, CREDENTIALS);
    return (await client.query('SELECT * FROM ringfence_private.release')).rows;
  });
  const fix = await asAdmin(async (client) => {
    await client.query(
      'DELETE FROM ringfence_private.release; DROP POLICY clinic_boundary ON clinical.patients',
    );
    return repairCell(client, CREDENTIALS, { dryRun: false }).catch((error: RingfenceError) => error.fix);
  });
  expect(fix).toContain('pg_dump --table ringfence_private.release');
  await asAdmin((client) =>
    client.query(
      'INSERT INTO ringfence_private.release SELECT * FROM jsonb_populate_recordset(NULL::ringfence_private.release, $1)',
      [JSON.stringify(release)],
    ),
  );
  expect(await repair()).toContainEqual({
    kind: 'policy',
    object: 'clinic_boundary on clinical.patients',
    problem: 'is missing',
  });
  expect(await look()).toEqual([]);
  expect((await asAdmin((client) => client.query('SELECT FROM clinical.services'))).rowCount).toBe(1);
  await asAdmin((client) => client.query('DROP DATABASE other'));
});
