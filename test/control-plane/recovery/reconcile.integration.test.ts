import { readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { backUpTenant } from '../../../control-plane/backups/tenant-backups.js';
import { compareCell } from '../../../control-plane/cell-status/compare-cell.js';
import { eraseTenant } from '../../../control-plane/erasure/erase-tenant.js';
import { requestErasure } from '../../../control-plane/erasure/request-erasure.js';
import { reconcile } from '../../../control-plane/recovery/reconcile.js';
import { useDatabase } from '../../support/cell-database.js';
import { useScene } from '../erasure/scene.js';

const control = useDatabase('control');
const cell = useDatabase('cell');
const scene = useScene(control, cell);
const { runtime } = scene;
const deployed = async (slug: string) => {
  const clinic = await scene.plant(slug);
  await control.admin.query(
    `UPDATE control.tenants SET state = 'active', deployed_at = now() WHERE slug = $1`,
    [slug],
  );
  return clinic;
};
const problems = () => compareCell(control.admin, 'one', cell.connection);

it('names the newest backup whose object is lost, and takes it again when it is put back', async () => {
  const { tenantId } = await deployed('perdida');
  const { id, rows } = await backUpTenant(runtime, 'perdida', {});
  const object = join(runtime.project.home, 'objects', 'one', tenantId, `${id}.backup`);
  renameSync(object, `${object}.away`);
  expect(await reconcile(runtime)).toMatchObject({ lost: [{ id, slug: 'perdida', rows }], goneBackups: 0 });
  const stateOf = async () =>
    (await control.admin.query('SELECT state FROM control.backups WHERE id = $1', [id])).rows[0]?.state;
  expect(await stateOf()).toBe('failed');
  renameSync(`${object}.away`, object);
  expect(await reconcile(runtime)).toMatchObject({ lost: [], backups: 1 });
  expect(await stateOf()).toBe('verified');
});

it('erases again what an older part brings back of an erased tenant, and says so before', async () => {
  const { tenantId, clinicId } = await deployed('borrada');
  const { id } = await backUpTenant(runtime, 'borrada', {});
  const folder = join(runtime.project.home, 'objects', 'one', tenantId);
  const kept = `${folder}.kept`;
  renameSync(folder, kept);
  await requestErasure(runtime, 'borrada', { by: 'ana', reason: 'cierra', waitDays: 0 });
  await eraseTenant(runtime, 'borrada');
  // An older copy of the objects, and an older data folder.
  renameSync(kept, folder);
  await cell.admin.query(`INSERT INTO ringfence.tenants (id, slug, state) VALUES ($1, 'borrada', 'active')`, [
    tenantId,
  ]);
  await cell.admin.query(
    `INSERT INTO ringfence.clinics (id, tenant_id, slug, name, vertical, time_zone, state)
     VALUES ($1, $2, 'centro', 'Centro', 'dental', 'Europe/Madrid', 'active')`,
    [clinicId, tenantId],
  );
  expect(await problems()).toContainEqual(
    expect.stringMatching(`${tenantId}, which was erased.*control reconcile`),
  );
  const { erased } = await reconcile(runtime);
  expect(erased).toMatchObject([{ tenantId, what: ['rows in one', expect.stringMatching(/^\d+ objects$/)] }]);
  expect(readdirSync(folder).filter((name) => name.includes(id))).toEqual([]);
  expect((await problems()).join()).not.toContain(tenantId);
});
