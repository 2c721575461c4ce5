import { beforeAll, describe, expect, it } from 'vitest';
import { useDatabase } from '../../support/cell-database.js';
import { addPatient, inClinic, outcome, useNeighbours } from './scene.js';

/** Audit logs: a clinic reads its own, and nobody writes or mends one. */
describe('The audit log', () => {
  const db = useDatabase();
  const at = useNeighbours(db);

  beforeAll(async () => {
    for (const clinic of [at.own, at.sister, at.foreign])
      await addPatient(db, clinic, { name: 'Ana', phone: '+34600000000' });
  });

  it('tells a clinic of its own rows only', async () => {
    for (const clinic of [at.own, at.sister, at.foreign]) {
      const events = await inClinic<{ clinic_id: string; subject: string }>(
        db,
        clinic,
        `SELECT clinic_id, subject FROM clinical.audit_events`,
      );
      expect(events).toContainEqual({ clinic_id: clinic.clinicId, subject: 'clinical.patients' });
      expect(new Set(events.map(({ clinic_id }) => clinic_id)).size).toBe(1);
    }
  });

  it('shows no event of another clinic by its id', async () => {
    const { rows } = await db.admin.query('SELECT id FROM clinical.audit_events WHERE clinic_id <> $1', [
      at.own.clinicId,
    ]);
    const ids = rows.map(({ id }) => id);
    expect(ids.length).toBeGreaterThanOrEqual(2);
    const seen = 'SELECT FROM clinical.audit_events WHERE id = ANY ($1)';
    expect(await outcome(db, at.own, seen, [ids])).toBe('0 rows');
  });

  it.each([
    `INSERT INTO clinical.audit_events (actor, action, subject) VALUES ('x', 'x', 'x')`,
    `UPDATE clinical.audit_events SET actor = 'somebody else'`,
    'DELETE FROM clinical.audit_events',
    'TRUNCATE clinical.audit_events',
    'SELECT FROM ringfence.audit_chain',
  ])('is not written or looked behind: %s', async (statement) => {
    expect(await outcome(db, at.own, statement)).toMatch(/^42501/);
  });
});
