import { beforeAll, describe, expect, it } from 'vitest';
import { RingfenceError } from '../../../core/errors.js';
import { type DemoReport, loadDemo } from '../../../data-plane/demo/load.js';
import { useDatabase } from '../../support/cell-database.js';
import { countRows, type DemoTenant, digestRows, plantTenant, TODAY } from './clinics.js';

describe('Loading demo data', () => {
  const db = useDatabase();
  let loaded: DemoTenant;
  let other: DemoTenant;
  let report: DemoReport;
  const progress: number[] = [];

  const load = (tenant: DemoTenant, seed: number, more: Partial<Parameters<typeof loadDemo>[1]> = {}) =>
    loadDemo(db.connection, {
      clinics: tenant.clinics,
      key: tenant.key,
      patients: 200,
      seed,
      today: TODAY,
      ...more,
    });

  beforeAll(async () => {
    loaded = await plantTenant(db.admin, 'loaded');
    other = await plantTenant(db.admin, 'other-tenant');
    await load(other, 5, { patients: 20 });
    const before = await digestRows(db.admin, other.clinics);
    report = await load(loaded, 7, { onProgress: (rows) => progress.push(rows) });
    expect(await digestRows(db.admin, other.clinics)).toEqual(before);
  });

  it('reports what it added: about ten rows a patient, in every tenant table', async () => {
    const counts = await countRows(db.admin, loaded.clinics);
    expect(Object.fromEntries(report.tables.map(({ table, rows }) => [table, rows]))).toEqual(counts);
    expect(Object.keys(counts)).toHaveLength(16);
    expect(counts['clinical.patients']).toBe(200);
    expect(report.rows).toBe(Object.values(counts).reduce((sum, rows) => sum + rows));
    expect(report.rows).toBeGreaterThan(1_700);
    expect(progress.at(-1)).toBe(report.rows);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
  });

  it('links every row to the patient it belongs to, within the clinic', async () => {
    const { rows } = await db.admin.query<Record<string, boolean>>(
      `SELECT (SELECT count(*) FROM clinical.messages) =
              (SELECT count(*) FROM clinical.messages m
                 JOIN clinical.conversations c ON (c.clinic_id, c.id) = (m.clinic_id, m.conversation_id)
                 JOIN clinical.patients p ON (p.clinic_id, p.id) = (c.clinic_id, c.patient_id)) AS messages,
              (SELECT count(*) FROM clinical.prescription_addenda) =
              (SELECT count(*) FROM clinical.prescription_addenda a
                 JOIN clinical.prescriptions r ON (r.clinic_id, r.id) = (a.clinic_id, a.prescription_id)
                 JOIN clinical.visits v ON (v.clinic_id, v.id) = (r.clinic_id, r.visit_id)
                 JOIN clinical.patients p ON (p.clinic_id, p.id) = (v.clinic_id, v.patient_id)
                WHERE r.status = 'final') AS addenda,
              NOT EXISTS (SELECT FROM clinical.visits v
                            JOIN clinical.appointments a ON (a.clinic_id, a.id) = (v.clinic_id, v.appointment_id)
                           WHERE a.patient_id <> v.patient_id OR a.status <> 'done') AS visits`,
    );
    expect(rows).toEqual([{ messages: true, addenda: true, visits: true }]);
  });

  it('shares one login between clinics and gives visiting doctors none', async () => {
    const { rows } = await db.admin.query(
      `SELECT role, count(*)::int AS clinics, count(DISTINCT full_name)::int AS names FROM clinical.staff
        WHERE clinic_id = ANY ($1::uuid[]) AND user_id IS NOT NULL
        GROUP BY user_id, role HAVING count(*) > 1 ORDER BY role`,
      [loaded.clinics.map(({ id }) => id)],
    );
    expect(rows).toEqual([
      { role: 'owner', clinics: 2, names: 1 },
      { role: 'reception', clinics: 2, names: 1 },
    ]);
    const visiting = await db.admin.query(
      `SELECT FROM clinical.staff WHERE role = 'visiting' AND user_id IS NULL`,
    );
    expect(visiting.rowCount).toBe(4);
  });

  it('leaves a queue of today, appointments to come, and every appointment within opening hours', async () => {
    for (const clinic of loaded.clinics) {
      const queue = await db.admin.query<{ status: string; count: number }>(
        `SELECT status, count(*)::int AS count FROM clinical.visits
          WHERE clinic_id = $1 AND status <> 'DONE' GROUP BY status ORDER BY status`,
        [clinic.id],
      );
      expect(queue.rows).toEqual([
        { status: 'WAITING', count: 6 },
        { status: 'WITH_ASSISTANT', count: 1 },
        { status: 'WITH_DOCTOR', count: 2 },
      ]);
      const times = await db.admin.query<{ coming: number; outside: number }>(
        `SELECT count(*) FILTER (WHERE starts_at > $3)::int AS coming,
                count(*) FILTER (WHERE local::time < '9:00' OR ends::time > '18:00'
                                    OR extract(isodow FROM local) > 5)::int AS outside
           FROM (SELECT *, starts_at AT TIME ZONE $2 AS local,
                        (starts_at AT TIME ZONE $2) + make_interval(mins => duration_minutes) AS ends
                   FROM clinical.appointments WHERE clinic_id = $1) a`,
        [clinic.id, clinic.timeZone, TODAY],
      );
      expect(times.rows[0]?.coming).toBeGreaterThan(5);
      expect(times.rows[0]?.outside).toBe(0);
    }
  });

  it('counts the daily figures from the rows, and an invoice is the sum of its lines', async () => {
    const wrong = await db.admin.query(
      `SELECT FROM clinical.invoices i WHERE total_eur <> (SELECT sum(amount_eur) FROM clinical.invoice_lines l
                                               WHERE l.clinic_id = i.clinic_id AND l.invoice_id = i.id)`,
    );
    expect(wrong.rowCount).toBe(0);
    const figures = await db.admin.query<{ value: number; counted: number }>(
      `SELECT f.value::int AS value,
              (SELECT count(*)::int FROM clinical.appointments a
                WHERE a.clinic_id = f.clinic_id AND (a.starts_at AT TIME ZONE c.time_zone)::date = f.day) AS counted
         FROM clinical.daily_figures f JOIN ringfence.clinics c ON c.id = f.clinic_id
        WHERE f.metric = 'appointments'`,
    );
    expect(figures.rows.length).toBeGreaterThan(10);
    for (const { value, counted } of figures.rows) expect(value).toBe(counted);
  });

  it('refuses the same seed twice and changes nothing, also on another day and with fewer patients', async () => {
    const before = await digestRows(db.admin, loaded.clinics);
    const conflict = expect.objectContaining({
      code: 'conflict',
      message: 'demo data of seed 7 is loaded already',
      fix: expect.stringContaining('--seed'),
    });
    await expect(load(loaded, 7)).rejects.toEqual(conflict);
    await expect(load(loaded, 7, { today: new Date('2027-02-01T09:00:00Z') })).rejects.toEqual(conflict);
    await expect(load(loaded, 7, { patients: 3 })).rejects.toEqual(conflict);
    expect(await digestRows(db.admin, loaded.clinics)).toEqual(before);
  });

  it('adds with another seed, keeping the one configuration and subscription of each clinic', async () => {
    const before = await countRows(db.admin, loaded.clinics);
    const second = await load(loaded, 8);
    const after = await countRows(db.admin, loaded.clinics);
    for (const { table, rows } of second.tables) expect(after[table]).toBe((before[table] ?? 0) + rows);
    expect(after['clinical.patients']).toBe(400);
    for (const once of ['clinic_config', 'subscriptions', 'billing_customers']) {
      expect(after[`clinical.${once}`]).toBe(2);
    }
  });

  it('refuses a clinic that the tenant has not, or that is closed', async () => {
    const closed = await plantTenant(db.admin, 'closed');
    await db.admin.query(`UPDATE ringfence.clinics SET state = 'closed' WHERE id = $1`, [
      closed.clinics[1].id,
    ]);
    await expect(load(closed, 1)).rejects.toMatchObject({ code: 'tenant_not_found' });
    for (const id of [other.clinics[0].id, '00000000-0000-4000-8000-000000000000']) {
      const refused = load(loaded, 9, { clinics: [loaded.clinics[0], { ...loaded.clinics[1], id }] });
      await expect(refused).rejects.toMatchObject({ code: 'tenant_not_found' });
    }
  });

  it.each([{ clinics: [] }, { patients: 0 }, { patients: 1.5 }, { seed: -1 }])(
    'refuses %o',
    async (wrong) => {
      await expect(load(loaded, 9, wrong)).rejects.toMatchObject({ code: 'usage' });
    },
  );

  it('leaves nothing when it is stopped half-way', async () => {
    const stopped = await plantTenant(db.admin, 'stopped');
    const cancelled = new RingfenceError('cancelled', 'stopped by the test');
    const halfWay = load(stopped, 1, {
      patients: 3_000,
      onProgress: (rows) => {
        if (rows > 8_000) throw cancelled;
      },
    });
    await expect(halfWay).rejects.toBe(cancelled);
    expect(await countRows(db.admin, stopped.clinics)).toEqual({});
  });

  it('leaves nothing when its connection is killed', async () => {
    const killed = await plantTenant(db.admin, 'killed');
    let kill: Promise<unknown> | undefined;
    const halfWay = load(killed, 1, {
      patients: 6_000,
      onProgress: (rows) => {
        if (rows < 8_000 || kill !== undefined) return;
        kill = db.admin.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND xact_start IS NOT NULL AND pid <> pg_backend_pid()`,
        );
      },
    });
    await expect(halfWay).rejects.toMatchObject({ code: 'database_unavailable' });
    await kill;
    expect(await countRows(db.admin, killed.clinics)).toEqual({});
  });
});
