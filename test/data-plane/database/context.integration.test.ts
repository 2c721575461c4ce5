import { beforeAll, describe, expect, it } from 'vitest';
import {
  asClinic,
  plantClinic,
  type TestClinic,
  tokenFor,
  useDatabase,
} from '../../support/cell-database.js';

describe('the tenant context', () => {
  const db = useDatabase();
  let a: TestClinic;
  let b: TestClinic;

  beforeAll(async () => {
    a = await plantClinic(db.admin, 'clinic-a');
    b = await plantClinic(db.admin, 'clinic-b');
    for (const clinic of [a, b]) {
      await db.admin.query(
        `INSERT INTO clinical.services (clinic_id, name, duration_minutes) VALUES ($1, $2, 30)`,
        [clinic.clinicId, clinic === a ? 'canary-a' : 'canary-b'],
      );
    }
  });

  const names = `SELECT name FROM clinical.services ORDER BY name`;

  it('shows a clinic its own rows only', async () => {
    const rows = await asClinic(db.app, a, async (client) => (await client.query(names)).rows);
    expect(rows).toEqual([{ name: 'canary-a' }]);
  });

  it('shows nothing and takes nothing outside a context, also after a transaction ended', async () => {
    const client = await db.app.connect();
    try {
      expect((await client.query(names)).rows).toEqual([]);
      await client.query('BEGIN');
      await client.query('SELECT ringfence.enter($1)', [tokenFor(client, a)]);
      await client.query('COMMIT');
      expect((await client.query(names)).rows).toEqual([]);
      const insert = client.query(`INSERT INTO clinical.services (name, duration_minutes) VALUES ('x', 1)`);
      await expect(insert).rejects.toMatchObject({ code: expect.stringMatching(/42501|23502/) });
    } finally {
      client.release();
    }
  });

  it.each([
    ['SET', `SET backtrace_functions = '$B'`],
    ['SET LOCAL', `SET LOCAL backtrace_functions = '$B'`],
    ['set_config', `SELECT set_config('backtrace_functions', '$B', true)`],
    ['update of pg_settings', `UPDATE pg_settings SET setting = '$B' WHERE name = 'backtrace_functions'`],
    ['ALTER ROLE', `ALTER ROLE ringfence_app SET backtrace_functions = '$B'`],
    [
      'a function with a SET clause',
      `CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql SET backtrace_functions = '$B' AS 'SELECT 1'`,
    ],
    ['SET ROLE', `SET ROLE ringfence_gate`],
    ['SET SESSION AUTHORIZATION', `SET SESSION AUTHORIZATION ringfence_admin`],
    ['a second enter', `SELECT ringfence.enter('\\x00')`],
    ['the keys', `SELECT * FROM ringfence_private.context_keys`],
    ['a temporary table', `CREATE TEMP TABLE services (name text)`],
    ['TRUNCATE', `TRUNCATE clinical.services`],
    ['a large object', `SELECT lo_create(0)`],
    ['pg_notify', `SELECT pg_notify('x', 'y')`],
    ['an advisory lock', `SELECT pg_advisory_lock(1)`],
    ['the activity of others', `SELECT query FROM pg_stat_activity`],
    ['the activity of another backend', `SELECT pg_stat_get_backend_activity(1)`],
    ['the locks of others', `SELECT * FROM pg_lock_status()`],
    ['cancelling a session of the same login', `SELECT pg_cancel_backend(1)`],
    ['ending a session of the same login', `SELECT pg_terminate_backend(1)`],
    ['a message in the log that replicas decode', `SELECT pg_logical_emit_message(false, 'x', 'y')`],
  ])('refuses to be forged by %s', async (_, statement) => {
    const attempt = asClinic(db.app, a, (client) =>
      client.query(statement.replace('$B', b.clinicId.replaceAll('-', ''))),
    );
    await expect(attempt).rejects.toMatchObject({ code: '42501' });
  });

  it('is not kept by a connection option', async () => {
    const pg = await import('pg');
    const client = new pg.default.Client({
      ...db.appConnection,
      options: `-c backtrace_functions=${b.clinicId.replaceAll('-', '')}`,
    });
    await expect(client.connect()).rejects.toMatchObject({ code: '42501' });
    await client.end().catch(() => undefined);
  });

  it('shows no sample of values in the statistics of a table', async () => {
    await db.admin.query('ANALYZE clinical.services');
    const samples = `SELECT FROM pg_stats WHERE tablename = 'services'`;
    expect((await db.admin.query(samples)).rowCount).toBeGreaterThan(0);
    await expect(asClinic(db.app, a, (client) => client.query(samples))).rejects.toMatchObject({
      code: '42501',
    });
  });

  it('is empty, not open, after RESET ALL and DISCARD ALL', async () => {
    const rows = await asClinic(db.app, a, async (client) => {
      await client.query('RESET ALL');
      return (await client.query(names)).rows;
    });
    expect(rows).toEqual([]);
  });

  it.each([
    ['another connection', { backendPid: 1 }],
    ['an expired time', { now: new Date(Date.now() - 60_000) }],
    ['another key', { key: { keyId: 1, secret: Buffer.alloc(32, 8) } }],
    ['an unknown key id', { key: { keyId: 9, secret: Buffer.alloc(32, 7) } }],
  ])('refuses a token of %s', async (_, overrides) => {
    const client = await db.app.connect();
    try {
      const attempt = client.query('SELECT ringfence.enter($1)', [tokenFor(client, a, overrides)]);
      await expect(attempt).rejects.toMatchObject({
        code: '42501',
        message: expect.stringContaining('token is refused'),
      });
    } finally {
      client.release();
    }
  });

  it('refuses every single flipped bit of a token', async () => {
    const client = await db.app.connect();
    try {
      const token = tokenFor(client, a);
      for (let bit = 0; bit < token.length * 8; bit++) {
        const flipped = Buffer.from(token);
        flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        await expect(client.query('SELECT ringfence.enter($1)', [flipped])).rejects.toMatchObject({
          code: '42501',
        });
      }
    } finally {
      client.release();
    }
  });

  it('refuses the clinic of another tenant, a suspended tenant and a closed clinic', async () => {
    await expect(
      asClinic(db.app, { tenantId: a.tenantId, clinicId: b.clinicId }, async () => null),
    ).rejects.toMatchObject({
      code: '42501',
    });
    const c = await plantClinic(db.admin, 'clinic-c');
    await db.admin.query(`UPDATE ringfence.tenants SET state = 'suspended' WHERE id = $1`, [c.tenantId]);
    await expect(asClinic(db.app, c, async () => null)).rejects.toMatchObject({
      message: expect.stringContaining('not active'),
    });
  });

  it.each([
    [
      'INSERT for another clinic',
      `INSERT INTO clinical.services (clinic_id, name, duration_minutes) VALUES ($1, 'x', 1)`,
    ],
    ['UPDATE into another clinic', `UPDATE clinical.services SET clinic_id = $1`],
  ])('refuses %s', async (_, statement) => {
    await expect(
      asClinic(db.app, a, (client) => client.query(statement, [b.clinicId])),
    ).rejects.toMatchObject({ code: '42501' });
  });

  it('changes and deletes nothing of another clinic', async () => {
    const counts = await asClinic(db.app, a, async (client) => [
      (await client.query(`UPDATE clinical.services SET name = 'taken' WHERE clinic_id = $1`, [b.clinicId]))
        .rowCount,
      (await client.query(`DELETE FROM clinical.services WHERE clinic_id = $1`, [b.clinicId])).rowCount,
    ]);
    expect(counts).toEqual([0, 0]);
  });
});
