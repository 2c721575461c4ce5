import { beforeAll, describe, expect, it } from 'vitest';
import { useDatabase } from '../../support/cell-database.js';
import { inClinic, outcome, useNeighbours } from './scene.js';

/** Analytics: a clinic has its own daily figures; across clinics there are the cubes and nothing else. */
describe('Analytics', () => {
  const db = useDatabase();
  const at = useNeighbours(db);

  beforeAll(async () => {
    for (const [number, clinic] of [at.own, at.sister, at.foreign].entries())
      await inClinic(
        db,
        clinic,
        `INSERT INTO clinical.daily_figures (day, metric, value) VALUES ('2026-10-01', 'visits', $1)`,
        [10 ** number],
      );
  });

  it('sum up the clinic alone, also over what looks like all of them', async () => {
    for (const [number, clinic] of [at.own, at.sister, at.foreign].entries()) {
      const rows = await inClinic(
        db,
        clinic,
        `SELECT sum(value)::int AS sum, count(DISTINCT clinic_id)::int AS clinics, max(value)::int AS max
           FROM clinical.daily_figures GROUP BY ROLLUP (metric)`,
      );
      expect(rows).toEqual([
        { sum: 10 ** number, clinics: 1, max: 10 ** number },
        { sum: 10 ** number, clinics: 1, max: 10 ** number },
      ]);
    }
  });

  it('across clinics are the cubes, which name no clinic and no tenant', async () => {
    const { rows } = await db.admin.query(
      `SELECT table_name || '.' || column_name AS column FROM information_schema.columns
        WHERE table_schema = 'analytics' ORDER BY 1`,
    );
    expect(rows.map(({ column }) => column)).toEqual([
      'benchmarks.band',
      'benchmarks.cube',
      'benchmarks.month',
      'benchmarks.value',
      'benchmarks.vertical',
      'publications.cube',
      'publications.month',
      'publications.published_at',
    ]);
    expect(await outcome(db, at.own, 'SELECT FROM analytics.benchmarks')).toBe('0 rows');
  });

  it("are given by no other object: nothing that an application may read is a view, or another schema's", async () => {
    const { rows } = await db.admin.query(
      `SELECT n.nspname || '.' || c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
          AND (has_table_privilege('ringfence_app', c.oid, 'SELECT') OR has_table_privilege('ringfence_tenant', c.oid, 'SELECT'))`,
    );
    expect(rows).toEqual([]);
  });
});
