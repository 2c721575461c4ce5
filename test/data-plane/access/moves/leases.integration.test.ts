import { expect, test } from 'vitest';
import type { Located } from '../../../../data-plane/access/directory/directory.js';
import { useClinics } from '../clinic-scene.js';

const scene = useClinics();

test('what was leased at the old home is good at the new one: a move carries the use along', async () => {
  const began = new Date();
  // Its minute does not end.
  const access = scene.access({ now: () => began });
  const { clinicId, tenantId, token } = await scene.clinic('moved');
  const leased = async () => {
    const { rows } = await scene.database.admin.query(
      `SELECT coalesce(sum(used), 0)::int AS leased FROM ringfence_private.usage WHERE tenant_id = $1 AND what = 'monthRequests'`,
      [tenantId],
    );
    return rows[0]?.leased;
  };
  const query = () => access.query(token(), clinicId, 'SELECT 1');
  await query();
  const before = await leased();
  expect(before).toBeGreaterThan(1);
  // The other cell is the same database under another name: with all use, as after a move.
  const home = scene.located.get(clinicId);
  scene.located.set(clinicId, { ...home, cell: 'another' } as Located);
  await query();
  expect(await leased()).toBe(before);
});
