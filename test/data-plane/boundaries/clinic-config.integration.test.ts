import { beforeAll, describe, expect, it } from 'vitest';
import { useDatabase } from '../../support/cell-database.js';
import { inClinic, outcome, useNeighbours } from './scene.js';

const PUT = `INSERT INTO clinical.clinic_config (version, config, why, changed_by) VALUES ($1, $2, 'test', 'test')`;

/** Clinic configuration: a clinic writes its own, and each version stays. */
describe('The configuration of a clinic', () => {
  const db = useDatabase();
  const at = useNeighbours(db);

  beforeAll(async () => {
    for (const clinic of [at.own, at.sister, at.foreign])
      await inClinic(db, clinic, PUT, [1, JSON.stringify({ of: clinic.clinicId })]);
  });

  it('is read by it alone, with the same version numbers everywhere', async () => {
    for (const clinic of [at.own, at.sister, at.foreign]) {
      const rows = await inClinic(db, clinic, 'SELECT version, config FROM clinical.clinic_config');
      expect(rows).toEqual([{ version: 1, config: { of: clinic.clinicId } }]);
    }
  });

  it('is not written by a sister clinic or a foreign one', async () => {
    const insert = `INSERT INTO clinical.clinic_config (clinic_id, version, config, why, changed_by)
                    VALUES ($1, 2, '{}', 'x', 'x')`;
    for (const other of [at.sister, at.foreign])
      expect(await outcome(db, at.own, insert, [other.clinicId])).toMatch(/^42501/);
    // A version that only another clinic has is as free as any.
    await inClinic(db, at.foreign, PUT, [7, '{}']);
    expect(await outcome(db, at.own, PUT, [7, '{}'])).toBe('1 rows');
  });

  it.each([
    `UPDATE clinical.clinic_config SET config = '{}'`,
    'DELETE FROM clinical.clinic_config',
    'TRUNCATE clinical.clinic_config',
  ])('stays as it was written: %s', async (statement) => {
    expect(await outcome(db, at.own, statement)).toMatch(/^42501/);
  });
});
