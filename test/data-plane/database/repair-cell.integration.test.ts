import pg from 'pg';
import { afterEach, expect, test } from 'vitest';
import { prepareCell } from '../../../data-plane/database/prepare-cell.js';
import { mendDefinitions } from '../../../data-plane/database/repair/mend-definitions.js';
import { repairCell } from '../../../data-plane/database/repair/repair-cell.js';
import { TEST_CONTEXT_KEY } from '../../support/cell-database.js';
import { CREDENTIALS, useRepairedCell } from '../../support/repaired-cell.js';

const cell = useRepairedCell();
const { asAdmin, look, repair } = cell;

/** A session of the application that is open until the test ends. */
const sessions: pg.Client[] = [];
const openSession = async (): Promise<pg.Client> => {
  const client = new pg.Client(cell.app());
  client.on('error', () => undefined);
  await client.connect();
  sessions.push(client);
  return client;
};
afterEach(async () => {
  for (const client of sessions.splice(0)) await client.end().catch(() => undefined);
});

test('whatever can be taken away is put back, a whole kind at a time', async () => {
  await asAdmin(async (client) => {
    await client.query('SET search_path = pg_catalog, pg_temp');
    const { rows: kinds } = await client.query<{ kind: string; count: number }>(
      'SELECT kind, count(*)::int FROM ringfence_private.defences WHERE unmake IS NOT NULL GROUP BY kind ORDER BY kind',
    );
    expect(kinds.map(({ kind }) => kind)).toEqual([
      'constraint',
      'default',
      'event trigger',
      'grant',
      'index',
      'policy',
      'revocation',
      'setting',
      'table action',
      'trigger',
    ]);
    for (const { kind, count } of kinds) {
      await client.query('BEGIN');
      const { rows } = await client.query<{ unmake: string }>(
        'SELECT unmake FROM ringfence_private.defences WHERE kind = $1 AND unmake IS NOT NULL ORDER BY object',
        [kind],
      );
      for (const { unmake } of rows) await client.query(unmake);
      const { rows: found } = await client.query(
        'SELECT FROM ringfence_private.differences() WHERE kind = $1',
        [kind],
      );
      expect([kind, found.length]).toEqual([kind, count]);
      await mendDefinitions({ client, isLastTry: true });
      expect((await client.query('SELECT * FROM ringfence_private.differences()')).rows).toEqual([]);
      await client.query('ROLLBACK');
    }
  });
});

/** What is not a definition, or belongs to no table: by hand in a bad night. */
test.each([
  ['TRUNCATE ringfence_private.doors', 'copy ringfence_private.doors'],
  ['DELETE FROM ringfence_private.context_keys', `context key ${TEST_CONTEXT_KEY.keyId}`],
  [
    `UPDATE ringfence_private.context_keys SET inner_pad = outer_pad`,
    `context key ${TEST_CONTEXT_KEY.keyId}`,
  ],
  [`UPDATE ringfence_private.context_keys SET valid_until = now()`, `context key ${TEST_CONTEXT_KEY.keyId}`],
  [`DELETE FROM ringfence.permissions WHERE role = 'doctor'`, 'table ringfence.permissions'],
  [
    `INSERT INTO ringfence.permissions SELECT 'receptionist', visit_status, action FROM ringfence.permissions WHERE role = 'doctor' ON CONFLICT DO NOTHING`,
    'table ringfence.permissions',
  ],
  [
    `INSERT INTO ringfence_private.assignments SELECT id, gen_random_uuid(), 'doctor', '{}' FROM ringfence.clinics`,
    'copy ringfence_private.assignments',
  ],
  ['DELETE FROM ringfence.table_actions', 'table action'],
  ['ALTER TABLE clinical.visits DISABLE TRIGGER ALL', 'foreign-key triggers clinical.visits'],
  ['ALTER DATABASE repaired SET session_replication_role = replica', 'setting this database'],
  ['ALTER ROLE ALL SET session_replication_role = replica', 'setting every role'],
  ['CREATE POLICY not_for_auditors_2 ON clinical.staff USING (true) WITH CHECK (true)', 'policy'],
  ['DROP POLICY clinic_boundary ON clinical.staff', 'policy clinic_boundary on clinical.staff'],
  ['DROP TYPE ringfence.plan_mark CASCADE', 'type ringfence.plan_mark'],
])('is named and put back: %s', async (damage, named) => {
  await asAdmin((client) => client.query(damage));
  const seen = (await look()).map(({ kind, object }) => `${kind} ${object}`);
  expect(seen).toEqual(expect.arrayContaining([expect.stringContaining(named)]));
  expect((await repair()).length).toBe(seen.length);
  expect(await look()).toEqual([]);
  expect((await asAdmin((client) => prepareCell(client, CREDENTIALS))).mended).toEqual([]);
});

test('an open transaction of the application does not hold the repair up for good', async () => {
  const busy = await openSession();
  await asAdmin((client) => client.query('DROP POLICY clinic_boundary ON clinical.patients'));
  await busy.query('BEGIN; SELECT FROM clinical.patients');
  expect(await repair()).toEqual([
    { kind: 'policy', object: 'clinic_boundary on clinical.patients', problem: 'is missing' },
  ]);
  await expect(busy.query('COMMIT')).rejects.toThrow();
  expect(await look()).toEqual([]);
});

test('what a session that nobody may end has locked is named, and everything else is put back', async () => {
  await asAdmin((client) =>
    client.query(
      'DROP POLICY clinic_boundary ON clinical.patients; DROP POLICY clinic_boundary ON clinical.staff; GRANT SELECT ON pg_statistic TO PUBLIC',
    ),
  );
  await asAdmin(async (operator) => {
    await operator.query('BEGIN; LOCK TABLE clinical.patients IN ACCESS SHARE MODE');
    expect((await repair()).filter(({ obstacle }) => obstacle)).toMatchObject([
      { object: 'clinic_boundary on clinical.patients', obstacle: { sqlState: '55P03' } },
    ]);
    expect((await look()).map(({ object }) => object)).toEqual(['clinic_boundary on clinical.patients']);
  });
  await repair();
  expect(await look()).toEqual([]);
});

test.each([
  ['DELETE FROM ringfence_private.release'],
  ['DROP TABLE ringfence_private.release'],
  ['ALTER TABLE ringfence_private.release RENAME COLUMN make TO made'],
])('a cell that cannot compare says so, and nothing calls it sound: %s', async (damage) => {
  await asAdmin(async (client) => {
    await client.query('BEGIN');
    await client.query(damage);
    for (const dryRun of [true, false])
      await expect(
        (async () => {
          await client.query('SAVEPOINT before');
          try {
            return await repairCell(inside(client), CREDENTIALS, { dryRun });
          } finally {
            await client.query('ROLLBACK TO before');
          }
        })(),
      ).rejects.toMatchObject({ code: 'schema_unsafe' });
    await client.query('ROLLBACK');
  });
});

/** The client without its transactions: the test has one around them. */
const inside = (client: pg.Client): pg.Client =>
  new Proxy(client, {
    get: (target, name) =>
      name === 'query'
        ? (...args: unknown[]) =>
            /^(?:BEGIN|COMMIT|ROLLBACK)$/.test(String(args[0]))
              ? Promise.resolve({ rows: [] })
              : (target.query as (...all: unknown[]) => unknown)(...args)
        : Reflect.get(target, name),
  });

test('a preparation that was broken off is finished by the next one', async () => {
  await asAdmin(async (client) => {
    await client.query('DELETE FROM ringfence_private.release');
    await client.query(`INSERT INTO ringfence_private.release VALUES ('unfinished', '', NULL, 0, '')`);
    await prepareCell(client, CREDENTIALS);
  });
  expect(await look()).toEqual([]);
  expect(
    await asAdmin(async (client) => (await client.query('SELECT FROM ringfence_private.release')).rowCount),
  ).toBeGreaterThan(100);
});
