import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Runtime } from '../../../control-plane/runtime.js';
import { resumeTenant, suspendTenant } from '../../../control-plane/tenants/suspend.js';
import { enrolMoved } from '../../data-plane/moves/two-cells.js';
import { useDatabase } from '../../support/cell-database.js';
import { registered } from '../registry.js';

const control = useDatabase('control');
const cell = useDatabase();

test('a control database from before a move suspends and resumes nobody where the tenant does not live any more', async () => {
  const runtime = {
    control: control.admin,
    caller: { who: 'ana', door: 'cli', correlationId: randomUUID() },
    target: { adminConnection: async () => cell.connection },
    beforeChange: async () => undefined,
  } as unknown as Runtime;
  const slug = `t-${randomUUID().slice(0, 8)}`;
  const { id } = await registered(control.admin, slug);
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
  const { rows } = await control.admin.query('SELECT state FROM control.tenants WHERE id = $1', [id]);
  expect(rows).toEqual([{ state: 'active' }]);
  await cell.admin.query(`UPDATE ringfence.tenants SET fence = 'open' WHERE id = $1`, [id]);
  expect(await suspend()).toMatchObject({ state: 'suspended' });
});
