import { describe, expect, it } from 'vitest';
import { useDatabase } from '../../support/cell-database.js';
import { outcome, useNeighbours } from './scene.js';

/** Secrets at the edge: the platform's, never a tenant's, and no application reads even their names. */
describe('Secrets at the edge', () => {
  const db = useDatabase();
  const at = useNeighbours(db);

  it('have a name and a date, no value and nothing of a tenant', async () => {
    const { rows } = await db.admin.query(
      `SELECT table_name || '.' || column_name AS column FROM information_schema.columns
        WHERE table_schema = 'edge' ORDER BY 1`,
    );
    expect(rows.map(({ column }) => column)).toEqual(['secrets.name', 'secrets.rotated_at']);
    const keys = await db.admin.query(
      `SELECT FROM pg_constraint WHERE contype = 'f' AND 'edge.secrets'::regclass IN (conrelid, confrelid)`,
    );
    expect(keys.rowCount).toBe(0);
  });

  it.each([
    'SELECT name FROM edge.secrets',
    `INSERT INTO edge.secrets VALUES ('own', now())`,
    'UPDATE edge.secrets SET rotated_at = now()',
    'DELETE FROM edge.secrets',
    `SELECT 'edge.secrets'::regclass`,
  ])('are closed to applications: %s', async (statement) => {
    await db.admin.query(`INSERT INTO edge.secrets VALUES ('turnstile', now()) ON CONFLICT DO NOTHING`);
    for (const clinic of [at.own, at.foreign]) expect(await outcome(db, clinic, statement)).toMatch(/^42501/);
  });
});
