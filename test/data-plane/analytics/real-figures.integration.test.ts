import { beforeAll, describe, expect, it } from 'vitest';
import { ALL } from '../../../data-plane/analytics/cells.js';
import { CUBES } from '../../../data-plane/analytics/cubes.js';
import { publishCubes } from '../../../data-plane/analytics/publish.js';
import { loadDemo } from '../../../data-plane/demo/load.js';
import { asClinic, useDatabase } from '../../support/cell-database.js';
import { type DemoTenant, plantTenant, TODAY } from '../demo/clinics.js';
import { attacker, covers, type Unknown } from './attacker.js';

const TENANTS = 7;
const MONTHS = ['2026-08', '2026-09', '2026-10'];
const VERTICALS = ['dental', 'psychology'];

/** Tenants with a dentist and a psychologist each, two of them still waiting to be counted. */
describe('The cubes of real figures', () => {
  const db = useDatabase();
  const tenants: DemoTenant[] = [];

  beforeAll(async () => {
    for (let number = 0; number < TENANTS; number++) {
      const tenant = await plantTenant(db.admin, `real-${number}`);
      await loadDemo(db.connection, { ...tenant, patients: 300 + 100 * number, seed: 1, today: TODAY });
      tenants.push(tenant);
    }
    for (const month of MONTHS) await publishCubes(db.connection, { month, now: TODAY });
  });

  it('give an application, and three tenants together, no cell that is withheld and no tenant', async () => {
    const [tenant] = tenants as [DemoTenant];
    const { rows } = await asClinic(
      db.app,
      { tenantId: tenant.tenantId, clinicId: tenant.clinics[0].id },
      (client) =>
        client.query<{ cube: string; month: string; vertical: string; band: string }>(
          `SELECT cube, to_char(month, 'YYYY-MM') AS month, vertical, band FROM analytics.benchmarks`,
        ),
    );
    const counts = { tables: 0, cells: 0, attacks: 0 };
    for (const cube of CUBES) {
      const bands = cube.bands.names;
      const unknowns: Unknown[] = VERTICALS.flatMap((vertical) =>
        tenants.slice(0, 5).flatMap(({ tenantId }) => bands.map((band) => ({ tenantId, vertical, band }))),
      );
      const cells = [ALL, ...VERTICALS].flatMap((vertical) =>
        (vertical === ALL ? [ALL] : [ALL, ...bands]).map((band) => ({ vertical, band })),
      );
      for (const month of MONTHS) {
        const shown = rows.filter((row) => row.cube === cube.name && row.month === month);
        counts.tables += 1;
        counts.cells += shown.length;
        for (const colluding of [[], [0], [0, 1, 2], [2, 3, 4]]) {
          const members = new Set(colluding.map((at) => (tenants[at] as DemoTenant).tenantId));
          const mind = attacker(unknowns, shown, members);
          for (const cell of cells) {
            counts.attacks += 1;
            const isShown = shown.some(
              ({ vertical, band }) => vertical === cell.vertical && band === cell.band,
            );
            if (!isShown && members.size === 0)
              expect(mind.determines((unknown) => covers(cell, unknown))).toBe(false);
            for (const { tenantId } of tenants)
              expect(
                mind.determines((unknown) => unknown.tenantId === tenantId && covers(cell, unknown)),
              ).toBe(false);
          }
        }
      }
    }
    console.log(
      `${counts.cells} cells shown in ${counts.tables} tables of real figures, ${counts.attacks} cells attacked: 0 computed`,
    );
    expect(counts.cells).toBeGreaterThan(0);
  });

  it('are sums that the tables bear out, over the first five tenants', async () => {
    const { rows } = await db.admin.query<{ shown: number; counted: number }>(
      `SELECT b.value::int AS shown,
              (SELECT count(*)::int FROM clinical.visits v
                 JOIN ringfence.clinics c ON c.id = v.clinic_id JOIN clinical.patients p ON p.clinic_id = c.id AND p.id = v.patient_id
                WHERE c.tenant_id = ANY ($1) AND v.status = 'DONE' AND p.birth_date IS NOT NULL
                  AND date_trunc('month', v.finished_at AT TIME ZONE c.time_zone) = b.month) AS counted
         FROM analytics.benchmarks b WHERE b.cube = 'visits_by_age' AND b.vertical = 'all'`,
      [tenants.slice(0, 5).map(({ tenantId }) => tenantId)],
    );
    expect(rows).toHaveLength(MONTHS.length);
    for (const { shown, counted } of rows) expect(Math.abs(shown - counted)).toBeLessThanOrEqual(2.5);
  });
});
