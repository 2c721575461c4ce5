import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { withConnection } from '../../../data-plane/database/connect.js';
import { reportPage } from '../../../isolation/report/report-page.js';
import { memoryKeys } from '../../../isolation/suite/memory-keys.js';
import { plantTenant } from '../../../isolation/suite/plant.js';
import { runSuite, type ScenarioName, type SuiteReport } from '../../../isolation/suite/run-suite.js';
import { plantClinic, TEST_CONTEXT_KEY, useDatabase } from '../../support/cell-database.js';

describe('the attack suite', () => {
  const db = useDatabase();
  const keys = memoryKeys();

  const run = (scenarios?: readonly ScenarioName[]): Promise<SuiteReport> =>
    runSuite(
      {
        admin: db.connection,
        app: db.appConnection,
        contextKey: TEST_CONTEXT_KEY,
        keys,
        now: () => new Date(),
      },
      scenarios ? { scenarios } : {},
    );
  const notHeld = (report: SuiteReport): string[] =>
    report.cases.filter(({ verdict }) => verdict !== 'held').map(({ id, verdict }) => `${id} ${verdict}`);

  /** Everything that the database holds, and its logins. */
  const everything = async (): Promise<string> => {
    const { rows } = await db.admin.query(
      `SELECT format('%I.%I', n.nspname, c.relname) AS name,
              query_to_xml(format('SELECT r::text FROM %I.%I AS r ORDER BY r::text', n.nspname, c.relname), true, true, '')::text AS rows
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' ORDER BY 1`,
    );
    const roles = await db.admin.query(`SELECT rolname FROM pg_roles WHERE rolname ~ $1 ORDER BY 1`, [
      `^canary_${(await db.admin.query('SELECT oid FROM pg_database WHERE datname = current_database()')).rows[0]?.oid}_`,
    ]);
    return JSON.stringify([rows, roles.rows]);
  };

  it('holds in a sound cell, on every table, and leaves nothing', async () => {
    const clinic = await plantClinic(db.admin, 'canary-islands');
    await db.admin.query(
      `INSERT INTO clinical.services (clinic_id, name, duration_minutes) VALUES ($1, 'x', 5)`,
      [clinic.clinicId],
    );
    const before = await everything();
    const report = await run();
    expect(await everything()).toBe(before);
    expect(notHeld(report)).toEqual([]);
    expect(report.cases.length).toBeGreaterThan(900);
    expect(new Set(report.cases.map(({ id }) => id)).size).toBe(report.cases.length);
    const { rows } = await db.admin.query<{ name: string }>(
      `SELECT format('%I.%I', schema_name, table_name) AS name FROM ringfence.tenant_tables`,
    );
    for (const { name } of rows)
      for (const attempt of [
        'read-others',
        'update-others',
        'delete-others',
        'insert-for-others',
        'give-away',
        'truncate',
      ])
        expect(report.cases.map(({ id }) => id)).toContain(`side-door/${attempt}/${name}`);
    const counts = report.scenarios.map(({ name, held }) => `${name} ${held}`).join(', ');
    process.stdout.write(`attempts held: ${counts}; ${report.durationMs} ms\n`);
  });

  it('says nothing in its report that is a secret, an id or a row', async () => {
    const report = await run(['forged-badge', 'whisper', 'ghost-tenant']);
    const page = reportPage([{ cell: 'a <cell>', region: 'eu', report }]);
    expect(page).toContain('a &lt;cell&gt;');
    for (const text of [page, JSON.stringify(report)]) {
      expect(text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-/);
      expect(text).not.toMatch(/canary[0-9a-f]{6}/);
      expect(text).not.toContain(TEST_CONTEXT_KEY.secret.toString('hex'));
    }
  });

  it('removes what a killed run left, and nothing of a tenant whose slug looks like it', async () => {
    const real = await plantClinic(db.admin, 'canary-real');
    await withConnection(db.connection, (client) => plantTenant(client, 'left', ['one', 'two']));
    await run(['wrong-key']);
    const { rows } = await db.admin.query(
      `SELECT id FROM ringfence.tenants WHERE slug LIKE 'canary-%' ORDER BY slug`,
    );
    expect(rows.map(({ id }) => id)).toContain(real.tenantId);
    expect(rows).toHaveLength(2);
  });

  it('lets one run into a cell at a time', async () => {
    const runs = await Promise.allSettled([run(['wrong-key']), run(['wrong-key'])]);
    expect(runs.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(runs.find((one) => one.status === 'rejected')).toMatchObject({ reason: { code: 'conflict' } });
  });

  it("attacks the application's own tables, and says where it could plant nothing", async () => {
    await db.admin.query(`CREATE SCHEMA shop;
      CREATE TABLE shop.orders (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), item text NOT NULL);
      CREATE TABLE shop.odd (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), code text NOT NULL CHECK (code ~ '^[0-9]{4}$'));
      SELECT ringfence.protect('shop.orders'); SELECT ringfence.protect('shop.odd')`);
    try {
      const { cases } = await run(['side-door']);
      const of = (table: string) => cases.filter(({ id }) => id.endsWith(`/${table}`));
      expect(of('shop.orders').length).toBeGreaterThan(15);
      expect(of('shop.orders').filter(({ verdict }) => verdict !== 'held')).toEqual([]);
      expect(of('shop.odd').find(({ id }) => id.includes('read-others'))).toMatchObject({
        verdict: 'unproven',
      });
    } finally {
      await db.admin.query(
        `DROP SCHEMA shop CASCADE; DELETE FROM ringfence.tenant_tables WHERE schema_name = 'shop'`,
      );
    }
  });

  it.each<[string, ScenarioName, string, string, string]>([
    [
      'row-level security is off',
      'side-door',
      'ALTER TABLE clinical.visits DISABLE ROW LEVEL SECURITY',
      'ALTER TABLE clinical.visits ENABLE ROW LEVEL SECURITY',
      'side-door/read-others/clinical.visits',
    ],
    [
      'the owner is not bound',
      'side-door',
      'ALTER TABLE clinical.staff NO FORCE ROW LEVEL SECURITY',
      'ALTER TABLE clinical.staff FORCE ROW LEVEL SECURITY',
      'side-door/owner/clinical.staff',
    ],
    [
      'the context function is folded into plans',
      'crossed-wires',
      'ALTER FUNCTION ringfence.current_clinic() IMMUTABLE',
      'ALTER FUNCTION ringfence.current_clinic() STABLE',
      'crossed-wires/plan/own-then-other/force-generic-plan/function',
    ],
    [
      'a unique key leads across clinics',
      'whisper',
      'CREATE UNIQUE INDEX leaky ON clinical.services (id)',
      'DROP INDEX clinical.leaky',
      'whisper/key-in-own-clinic/clinical.services',
    ],
  ])('finds it when %s', async (_, scenario, plant, mend, id) => {
    await db.admin.query(plant);
    try {
      const report = await run([scenario]);
      expect(report.cases.filter(({ verdict }) => verdict === 'leaked').map((each) => each.id)).toContain(id);
    } finally {
      await db.admin.query(mend);
    }
  });

  it('removes its tenants after a failure too', async () => {
    const before = await everything();
    const app = { ...db.appConnection, password: randomUUID() };
    const target = { admin: db.connection, app, contextKey: TEST_CONTEXT_KEY, keys, now: () => new Date() };
    await expect(runSuite(target)).rejects.toMatchObject({ code: 'database_auth_failed' });
    expect(await everything()).toBe(before);
  });
});
