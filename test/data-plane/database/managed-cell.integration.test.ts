import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withConnection } from '../../../data-plane/database/connect.js';
import { asClinic, plantClinic, type TestClinic, tokenFor } from '../../support/cell-database.js';
import { type ManagedCell, startManagedCell } from '../../support/rds/managed-cell.js';

let cell: ManagedCell;
let admin: pg.Pool;
let app: pg.Pool;
let a: TestClinic;
let b: TestClinic;

beforeAll(async () => {
  cell = await startManagedCell();
  ({ admin, app } = cell);
  a = await plantClinic(admin, 'a');
  b = await plantClinic(admin, 'b');
  for (const { clinicId } of [a, b])
    await asClinic(
      app,
      { tenantId: clinicId === a.clinicId ? a.tenantId : b.tenantId, clinicId },
      (client) =>
        client.query(
          `INSERT INTO clinical.services (name, duration_minutes) SELECT 'service ' || n, 30 FROM generate_series(1, 3) n`,
        ),
      'COMMIT',
    );
}, 60_000);

afterAll(() => cell?.stop());

const COUNT = 'SELECT count(*)::int AS n, count(DISTINCT clinic_id)::int AS clinics FROM clinical.services';

/** SQLSTATE of the statement, with whatever came before it. */
const stateOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error: { code?: string }) => error.code ?? 'unknown',
  );

test('a clinic sees and writes its rows only; outside of a context there are none', async () => {
  const seen = await asClinic(app, a, (client) => client.query(COUNT));
  expect(seen.rows[0]).toEqual({ n: 3, clinics: 1 });
  expect((await app.query(COUNT)).rows[0]).toEqual({ n: 0, clinics: 0 });
  const written = asClinic(app, a, (client) =>
    client.query(`INSERT INTO clinical.services (clinic_id, name, duration_minutes) VALUES ($1, 'x', 1)`, [
      b.clinicId,
    ]),
  );
  expect(await stateOf(written)).toBe('42501');
});

test('the administrator reads every row where row-level security may hide none', async () => {
  await withConnection(cell.connection, async (client) => {
    await client.query('SET row_security = off');
    expect((await client.query(COUNT)).rows[0]).toEqual({ n: 6, clinics: 2 });
  });
});

test('a context that another transaction, connection or clinic wrote is refused', async () => {
  const { rows } = await asClinic(app, b, (client) =>
    client.query<{ written: string }>(`SELECT current_setting('ringfence.context') AS written`),
  );
  const written = rows[0]?.written ?? '';
  expect(written).toMatch(/^[0-9a-f]{66}/);

  const sameConnection = await app.connect();
  try {
    await sameConnection.query('BEGIN');
    await sameConnection.query('SELECT ringfence.enter($1)', [tokenFor(sameConnection, b)]);
    const own = await sameConnection.query(`SELECT current_setting('ringfence.context') AS written`);
    expect((await sameConnection.query(COUNT)).rows[0].clinics).toBe(1);
    await sameConnection.query('COMMIT');
    expect((await sameConnection.query(COUNT)).rows[0]).toEqual({ n: 0, clinics: 0 });
    await sameConnection.query(`SELECT set_config('ringfence.context', $1, false)`, [own.rows[0].written]);
    expect(await stateOf(sameConnection.query(COUNT))).toBe('42501');
    await sameConnection.query('RESET ringfence.context');
  } finally {
    sameConnection.release();
  }

  const forged = b.clinicId.replaceAll('-', '');
  for (const value of [written, forged, `${'0'.repeat(66)}${forged}_${'0'.repeat(32)}_w_service`, 'x']) {
    const inside = asClinic(app, a, async (client) => {
      await client.query(`SELECT set_config('ringfence.context', $1, true)`, [value]);
      await client.query(COUNT);
    });
    expect(await stateOf(inside), value).toBe('42501');
  }
});

test('a flipped letter of one’s own context is refused', async () => {
  const changed = asClinic(app, a, async (client) => {
    const { rows } = await client.query<{ own: string }>(
      `SELECT current_setting('ringfence.context') AS own`,
    );
    const own = rows[0]?.own ?? '';
    const other = own.replace(a.clinicId.replaceAll('-', ''), b.clinicId.replaceAll('-', ''));
    expect(other).not.toBe(own);
    await client.query(`SELECT set_config('ringfence.context', $1, true)`, [other]);
    await client.query(COUNT);
  });
  expect(await stateOf(changed)).toBe('42501');
});

test.each([
  ['the function that writes it', `SELECT ringfence_private.write_context(1::smallint, 'x', true)`],
  ['the function that signs it', `SELECT ringfence_private.context_code('x', 1::smallint)`],
  ['the key', 'SELECT FROM ringfence_private.context_keys'],
  ['a role that may', 'SET ROLE ringfence_gate'],
  ['the administrator', 'SET ROLE clinic_master'],
])('an application does not reach %s', async (_, statement) => {
  expect(await stateOf(asClinic(app, a, (client) => client.query(statement)))).toBe('42501');
});

test('a second enter, and a token of another key, are refused', async () => {
  const second = asClinic(app, a, (client) =>
    client.query('SELECT ringfence.enter($1)', [tokenFor(client, b)]),
  );
  expect(await stateOf(second)).toBe('42501');
  const other = asClinic(app, { ...a, clinicId: randomUUID() }, (client) => client.query(COUNT));
  expect(await stateOf(other)).toBe('42501');
});

test('TLS is not optional, and its authority is checked', async () => {
  const { ssl: _, ...plain } = cell.connection;
  const tryTo = (options: pg.ClientConfig) => {
    const client = new pg.Client(options);
    return client.connect().finally(() => client.end().catch(() => undefined));
  };
  await expect(tryTo(plain)).rejects.toMatchObject({ code: '28000' });
  await expect(tryTo({ ...plain, ssl: true })).rejects.toThrow(/certificate/);
});
