import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { cancelErasure } from '../../../control-plane/erasure/cancel-erasure.js';
import { requestErasure } from '../../../control-plane/erasure/request-erasure.js';
import { planRemoval } from '../../../control-plane/removal/plan-removal.js';
import type { Runtime } from '../../../control-plane/runtime.js';
import { findOpenErasure } from '../../../control-plane/tenants/erasures.js';
import { findTenantById } from '../../../control-plane/tenants/store.js';
import { resumeTenant, suspendTenant } from '../../../control-plane/tenants/suspend.js';
import { enrolMoved } from '../../data-plane/moves/two-cells.js';
import { useDatabase } from '../../support/cell-database.js';
import { registered } from '../registry.js';

const control = useDatabase('control');
const cell = useDatabase();

test('a control database from before a move suspends, resumes, removes and erases nobody where the tenant does not live any more', async () => {
  const runtime = {
    control: control.admin,
    caller: { who: 'ana', door: 'cli', correlationId: randomUUID() },
    target: {
      adminConnection: async () => cell.connection,
      server: async () => ({ state: async () => 'running' }),
    },
    now: () => new Date(),
    reached: () => undefined,
    hasChanged: () => undefined,
    stackRunner: () => Promise.reject(new Error('there is no engine here')),
    beforeChange: async () => undefined,
  } as unknown as Runtime;
  const slug = `t-${randomUUID().slice(0, 8)}`;
  const { id } = await registered(control.admin, slug);
  await control.admin.query('UPDATE control.cells SET port = $1', [cell.connection.port]);
  await control.admin.query(
    `UPDATE control.tenants SET state = 'active', deployed_at = now() WHERE id = $1`,
    [id],
  );
  const outdated = { code: 'control_outdated', fix: expect.stringContaining('control reconcile') };
  const suspend = () => suspendTenant(runtime, slug, { reason: 'unpaid' });
  // Its rows there are deleted already.
  await expect(suspend()).rejects.toMatchObject(outdated);
  // They are kept.
  await enrolMoved(cell, { tenantId: id, clinicId: randomUUID() }, false);
  await expect(suspend()).rejects.toMatchObject(outdated);
  await expect(resumeTenant(runtime, slug, { reason: 'paid' })).rejects.toMatchObject(outdated);
  await expect(requestErasure(runtime, slug, { reason: 'closed', waitDays: 7 })).rejects.toMatchObject(
    outdated,
  );
  await expect(planRemoval(runtime, slug)).rejects.toMatchObject(outdated);
  expect(await findOpenErasure(control.admin, slug)).toBeUndefined();
  const { rows } = await control.admin.query('SELECT state FROM control.tenants WHERE id = $1', [id]);
  expect(rows).toEqual([{ state: 'active' }]);
  await cell.admin.query(`UPDATE ringfence.tenants SET fence = 'open' WHERE id = $1`, [id]);
  expect(await suspend()).toMatchObject({ state: 'suspended' });
  await requestErasure(runtime, slug, { reason: 'closed', waitDays: 7 });
  await cell.admin.query(`UPDATE ringfence.tenants SET fence = 'closed' WHERE id = $1`, [id]);
  await control.admin.query(`UPDATE control.erasures SET resume = true WHERE slug = $1`, [slug]);
  await expect(cancelErasure(runtime, slug, { reason: 'stays' })).rejects.toMatchObject(outdated);
  await cell.admin.query(`UPDATE ringfence.tenants SET fence = 'open' WHERE id = $1`, [id]);
  // The request is taken back already; what was left is done.
  await cancelErasure(runtime, slug, { reason: 'stays' });
  expect((await findTenantById(control.admin, id))?.state).toBe('active');
});
