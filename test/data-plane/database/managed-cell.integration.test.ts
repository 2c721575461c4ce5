import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAccess } from '../../../data-plane/access/create-access.js';
import type { Located } from '../../../data-plane/access/directory/directory.js';
import { OPEN_POLICY } from '../../../data-plane/access/security-policy.js';
import { tenantDigest } from '../../../data-plane/backup/tenant/digest.js';
import { restoreBackup } from '../../../data-plane/backup/tenant/restore/restore.js';
import { withConnection } from '../../../data-plane/database/connect.js';
import { lintSchema } from '../../../data-plane/database/lint/lint-schema.js';
import {
  asClinic,
  plantClinic,
  plantStaff,
  TEST_CONTEXT_KEY,
  type TestClinic,
  tokenFor,
} from '../../support/cell-database.js';
import { makeCertificates } from '../../support/rds/certificates.js';
import { type ManagedCell, startManagedCell } from '../../support/rds/managed-cell.js';
import { AUDIENCE, ISSUER, identityProvider } from '../access/token-maker.js';
import { backUp, loseRows, plantRows, useStore } from '../backup/tenant/fixture.js';

const store = await useStore();
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
});

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

test('a tenant is restored there: what changed, and after it lost every row', async () => {
  const clinic = await plantClinic(admin, 'restored');
  await plantRows(cell, clinic, 3);
  const { options, result } = await backUp(cell, store, clinic);
  const tables = result.tables.map(({ table }) => table).filter((name) => name !== 'clinical.audit_events');
  const digest = async () => (await tenantDigest(cell.connection, clinic.tenantId, tables)).digest;
  const before = await digest();
  await admin.query('DELETE FROM clinical.invoice_lines WHERE clinic_id = $1', [clinic.clinicId]);
  await restoreBackup({ ...options, dryRun: false });
  expect(await digest()).toBe(before);
  await loseRows(cell, clinic);
  await restoreBackup({ ...options, dryRun: false });
  expect(await digest()).toBe(before);
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

test('an application works in it through the access library', async () => {
  const idp = identityProvider();
  const doctor = await plantStaff(admin, a, 'owner');
  const located: Located = {
    cell: 'managed',
    connection: cell.appConnection,
    contextKey: TEST_CONTEXT_KEY,
    ...a,
    state: 'active',
    security: OPEN_POLICY,
  };
  const access = createAccess({
    directory: {
      locate: async () => located,
      forget: () => undefined,
      close: async () => undefined,
    },
    keys: idp.keys,
    issuer: ISSUER,
    audience: AUDIENCE,
  });
  try {
    const token = idp.token(a.clinicId, { sub: doctor.userId });
    const written = await access.run(token, a.clinicId, async (db) => {
      await db.query(`INSERT INTO clinical.services (name, duration_minutes) VALUES ('by the library', 30)`);
      return (await db.query('SELECT ringfence.current_actor() AS actor')).rows[0];
    });
    expect(written).toEqual({ actor: doctor.userId });
    for (let time = 0; time < 3; time++) {
      const { rows } = await access.query(token, a.clinicId, COUNT);
      expect(rows[0]).toEqual({ n: 4, clinics: 1 });
    }
  } finally {
    await access.close();
  }
});

test('the lint finds nothing in it, and finds what is taken away', async () => {
  await withConnection(cell.connection, async (client) => {
    expect(await lintSchema(client)).toEqual([]);
    await client.query('BEGIN');
    await client.query('ALTER FUNCTION ringfence.context() SECURITY INVOKER');
    await client.query('ALTER TABLE clinical.patients DISABLE ROW LEVEL SECURITY');
    await client.query('GRANT ringfence_gate TO ringfence_app');
    const found = (await lintSchema(client)).map(({ rule }) => rule);
    expect(found).toEqual(expect.arrayContaining(['context-function', 'force-rls', 'gate-member']));
    await client.query('ROLLBACK');
  });
});

test('TLS is not optional, and its authority is checked', async () => {
  const { ssl: _, ...plain } = cell.connection;
  const tryTo = (options: pg.ClientConfig) => {
    const client = new pg.Client(options);
    return client.connect().finally(() => client.end().catch(() => undefined));
  };
  await expect(tryTo(plain)).rejects.toMatchObject({ code: '28000' });
  await expect(tryTo({ ...plain, ssl: true })).rejects.toThrow(/certificate/);
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-ca-'));
  try {
    const { ca } = makeCertificates(folder);
    const other = withConnection({ ...cell.connection, ssl: { ca } }, async () => undefined);
    await expect(other).rejects.toMatchObject({
      code: 'database_auth_failed',
      message: expect.stringContaining('certificate of the database is not trusted'),
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
