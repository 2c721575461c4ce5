import { expect, test } from 'vitest';
import { SERVICE, useClinics } from '../clinic-scene.js';

const scene = useClinics();

test('a run that only reads goes on behind a fence that lets readers in, although its lease is due', async () => {
  const one = await scene.clinic('moving');
  const access = scene.access({ moveWaitMs: 300 });
  await scene.database.admin.query(`UPDATE ringfence.tenants SET fence = 'draining' WHERE id = $1`, [
    one.tenantId,
  ]);
  const read = 'SELECT count(*)::int AS count FROM clinical.services';
  for (let reads = 1; reads <= 3; reads++) {
    const { rows } = await access.query(one.token(), one.clinicId, read, [], { readOnly: true });
    expect(rows).toEqual([{ count: 0 }]);
  }
  await expect(access.query(one.token(), one.clinicId, SERVICE, ['late'])).rejects.toMatchObject({
    code: 'move_wait_timeout',
  });
  await scene.database.admin.query(`UPDATE ringfence.tenants SET fence = 'open' WHERE id = $1`, [
    one.tenantId,
  ]);
  await access.query(one.token(), one.clinicId, SERVICE, ['in time']);
  // The reads were taken from the next lease: ten, and the three that were owed.
  const { rows } = await scene.database.admin.query(
    `SELECT used::int AS requests FROM ringfence_private.usage WHERE tenant_id = $1 AND what = 'monthRequests'`,
    [one.tenantId],
  );
  expect(rows).toEqual([{ requests: 13 }]);
});
