import { randomUUID } from 'node:crypto';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ProbeOptions, probeTenant } from '../../isolation/probe.js';
import { plantClinic, TEST_CONTEXT_KEY, type TestClinic, useDatabase } from '../support/cell-database.js';

const BOUNDARY = 'clinic_id = (SELECT ringfence.current_clinic())';
const SOUND_POLICY = `ALTER POLICY clinic_boundary ON clinical.services USING (${BOUNDARY}) WITH CHECK (${BOUNDARY})`;
const APP_ROLES = 'ringfence_app, ringfence_tenant';

describe('the isolation probe', () => {
  const db = useDatabase();
  let clinic: TestClinic;
  let second: string;

  beforeAll(async () => {
    clinic = await plantClinic(db.admin, 'probed');
    second = randomUUID();
    await db.admin.query(
      `INSERT INTO ringfence.clinics VALUES ($1, $2, 'second', 'second', 'dental', 'Europe/Madrid', 'active')`,
      [second, clinic.tenantId],
    );
  });

  const probe = (overrides: Partial<ProbeOptions> = {}) =>
    probeTenant(db.connection, db.appConnection, {
      tenantId: clinic.tenantId,
      clinicIds: [clinic.clinicId, second],
      contextKey: TEST_CONTEXT_KEY,
      now: () => new Date(),
      ...overrides,
    });

  const everything = async (): Promise<string> => {
    const { rows } = await db.admin.query(
      `SELECT table_schema, table_name, query_to_xml(format('SELECT * FROM %I.%I ORDER BY 1, 2', table_schema, table_name),
              true, true, '')::text AS rows
         FROM information_schema.tables WHERE table_schema IN ('clinical', 'ringfence') ORDER BY 1, 2`,
    );
    return JSON.stringify(rows);
  };

  it('tries every tenant table of an empty cell, plants in all of them, finds no leak and leaves nothing', async () => {
    const before = await everything();
    const report = await probe();
    expect(report).toEqual({ checks: report.checks, tables: 16, leaks: [], unproven: [] });
    expect(report.checks).toBeGreaterThan(16 * 15);
    expect(await everything()).toBe(before);
  });

  describe('in a cell with one hole', () => {
    let mend = '';
    afterEach(async () => {
      await db.admin.query(mend);
      expect((await probe()).leaks).toEqual([]);
    });

    it.each([
      [
        'row-level security is off',
        'clinical.visits',
        `ALTER TABLE clinical.visits DISABLE ROW LEVEL SECURITY`,
        `ALTER TABLE clinical.visits ENABLE ROW LEVEL SECURITY`,
        [
          'read without a context',
          "read of another clinic's rows",
          "update of another clinic's rows",
          "delete of another clinic's rows",
          'insert for another clinic',
        ],
      ],
      [
        'the boundary is gone and a permissive policy remains',
        'clinical.staff',
        `DROP POLICY clinic_boundary ON clinical.staff`,
        `SELECT ringfence.protect('clinical.staff')`,
        ["read of another clinic's rows"],
      ],
      [
        'the policy reads everything',
        'clinical.services',
        `ALTER POLICY clinic_boundary ON clinical.services USING (true)`,
        SOUND_POLICY,
        ["read of another clinic's rows", "delete of another clinic's rows"],
      ],
      [
        'the policy takes every new row',
        'clinical.services',
        `ALTER POLICY clinic_boundary ON clinical.services WITH CHECK (true)`,
        SOUND_POLICY,
        ['insert for another clinic'],
      ],
      [
        'the policy compares with a setting that anyone writes',
        'clinical.services',
        `ALTER POLICY clinic_boundary ON clinical.services USING (clinic_id::text <> current_setting('application_name'))`,
        SOUND_POLICY,
        ['read without a context'],
      ],
      [
        'the application owns a table without FORCE',
        'clinical.invoices',
        `ALTER TABLE clinical.invoices OWNER TO ringfence_app; ALTER TABLE clinical.invoices NO FORCE ROW LEVEL SECURITY`,
        `SELECT ringfence.protect('clinical.invoices')`,
        ["read of another clinic's rows", "update of another clinic's rows"],
      ],
      [
        'a view reads as its owner',
        'clinical.names',
        `CREATE VIEW clinical.names AS SELECT clinic_id, full_name FROM clinical.staff; GRANT SELECT ON clinical.names TO ${APP_ROLES}`,
        `DROP VIEW clinical.names`,
        ['read without a context', "read of another clinic's rows"],
      ],
      [
        'clinics are open',
        'ringfence.clinics',
        `CREATE POLICY support ON ringfence.clinics FOR SELECT USING (true)`,
        `DROP POLICY support ON ringfence.clinics`,
        ["read of another clinic's rows"],
      ],
      [
        'the application may write the context',
        'backtrace_functions',
        `GRANT SET ON PARAMETER backtrace_functions TO ringfence_app; GRANT EXECUTE ON FUNCTION set_config TO ringfence_app`,
        `REVOKE SET ON PARAMETER backtrace_functions FROM ringfence_app; REVOKE EXECUTE ON FUNCTION set_config FROM ringfence_app`,
        ['context written by SET', 'context written by SET LOCAL', 'context written by set_config'],
      ],
      [
        'the application may become the gate',
        'ringfence_gate',
        `GRANT ringfence_gate TO ringfence_app`,
        `REVOKE ringfence_gate FROM ringfence_app`,
        ['SET ROLE'],
      ],
      [
        'enter believes anyone',
        'ringfence.enter',
        `CREATE TABLE ringfence_private.kept AS SELECT pg_get_functiondef('ringfence.enter'::regproc) AS source;
        CREATE OR REPLACE FUNCTION ringfence.enter(token bytea) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
          AS $$ BEGIN PERFORM set_config('backtrace_functions', encode(substring(token FROM 31 FOR 16), 'hex') || '_' || repeat('0', 32) || '_w_service', true); END $$`,
        `DO $$ BEGIN EXECUTE (SELECT source FROM ringfence_private.kept); END $$; DROP TABLE ringfence_private.kept`,
        [
          "token for another tenant's clinic",
          'token of another connection',
          'expired token',
          'token signed with another key',
          'token with a flipped bit',
          'second enter in a transaction',
        ],
      ],
    ])('says so when %s', async (_, table, plant, afterwards, attempts) => {
      mend = afterwards;
      await db.admin.query(plant);
      const { leaks } = await probe();
      expect(leaks.map((leak) => leak.table)).toContain(table);
      const found = leaks.filter((leak) => leak.table === table).map((leak) => leak.attempt);
      expect(found).toEqual(expect.arrayContaining(attempts));
      expect(leaks.filter((leak) => leak.table !== table)).toEqual([]);
    });
  });

  it('says of a table in which it can plant nothing that it proved nothing there', async () => {
    await db.admin.query(`CREATE TABLE public.odd (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), code text NOT NULL CHECK (code ~ '^[0-9]{4}$'));
      SELECT ringfence.protect('public.odd')`);
    try {
      expect(await probe()).toMatchObject({
        leaks: [],
        unproven: [{ table: 'public.odd', attempt: 'planting a canary' }],
      });
      await db.admin.query(`INSERT INTO public.odd (clinic_id, code) VALUES ($1, '1234')`, [second]);
      expect(await probe()).toMatchObject({ leaks: [], unproven: [] });
    } finally {
      await db.admin.query(
        `DROP TABLE public.odd; DELETE FROM ringfence.tenant_tables WHERE table_name = 'odd'`,
      );
    }
  });

  it('proves a clinic that has rows already, next to neighbours that have some', async () => {
    const neighbour = await plantClinic(db.admin, 'neighbour');
    for (const { clinicId } of [clinic, neighbour]) {
      await db.admin.query(`INSERT INTO clinical.billing_customers VALUES ($1, 'p', 'c')`, [clinicId]);
      await db.admin.query(`INSERT INTO clinical.clinic_config VALUES ($1, 1, '{}', 'first', 'me')`, [
        clinicId,
      ]);
    }
    expect(await probe()).toMatchObject({ leaks: [], unproven: [] });
  });

  it('proves a tenant whose subscription has ended, but for its own login', async () => {
    const lapsed = await plantClinic(db.admin, 'lapsed');
    await db.admin.query(
      `INSERT INTO clinical.subscriptions (clinic_id, plan, status) VALUES ($1, 'starter', 'EXPIRED')`,
      [lapsed.clinicId],
    );
    expect(await probe({ tenantId: lapsed.tenantId, clinicIds: [lapsed.clinicId] })).toMatchObject({
      leaks: [],
      unproven: [{ table: 'ringfence.enter' }],
    });
  });

  it('cannot prove a tenant that is not active, and says why', async () => {
    const closed = await plantClinic(db.admin, 'closed');
    await db.admin.query(`UPDATE ringfence.clinics SET state = 'closed' WHERE id = $1`, [closed.clinicId]);
    await expect(probe({ tenantId: closed.tenantId, clinicIds: [closed.clinicId] })).rejects.toMatchObject({
      code: 'clinic_inactive',
      message: 'ringfence: this clinic is not active',
    });
  });
});
