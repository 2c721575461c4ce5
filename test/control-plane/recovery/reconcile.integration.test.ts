import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { backUpTenant } from '../../../control-plane/backups/tenant-backups.js';
import { compareCell } from '../../../control-plane/cell-status/compare-cell.js';
import { eraseTenant } from '../../../control-plane/erasure/erase-tenant.js';
import { findErasedObjects } from '../../../control-plane/erasure/erased-objects.js';
import { describeErasedIn, findKept } from '../../../control-plane/erasure/kept-data.js';
import { requestErasure } from '../../../control-plane/erasure/request-erasure.js';
import { reconcile } from '../../../control-plane/recovery/reconcile.js';
import { useDatabase } from '../../support/cell-database.js';
import { Crash, useScene } from '../erasure/scene.js';

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
  const objects = () => findErasedObjects(control.admin, runtime.target.objects, 'one');
  expect(await objects()).toEqual([
    expect.stringMatching(
      `^\\d+ objects of tenant ${tenantId}, which was erased, are among those of one: .*control reconcile`,
    ),
  ]);
  const { erased } = await reconcile(runtime);
  expect(erased).toMatchObject([{ tenantId, what: ['rows in one', expect.stringMatching(/^\d+ objects$/)] }]);
  expect(readdirSync(folder).filter((name) => name.includes(id))).toEqual([]);
  expect((await problems()).join()).not.toContain(tenantId);
  expect(await objects()).toEqual([]);
});

it('gives no certificate while a server’s folder is kept under any name, and names one that comes back', async () => {
  const { tenantId } = await deployed('guardada');
  const { home, root } = runtime.project;
  const [kept, away] = [join(home, 'cells', 'old-archive'), join(root, 'elsewhere')];
  const segment = join(kept, '000000010000000000000007.gz');
  mkdirSync(kept, { recursive: true });
  writeFileSync(segment, '');
  await requestErasure(runtime, 'guardada', { by: 'ana', reason: 'cierra', waitDays: 0 });
  scene.crashAt('erased-rows');
  await expect(eraseTenant(runtime, 'guardada')).rejects.toThrow(Crash);
  expect(await problems()).toContainEqual(
    'guardada has no row in cell one: it is to be erased, `ringfence tenants erase guardada` finishes that',
  );
  const refused = expect.objectContaining({ code: 'erasure_incomplete', fix: expect.stringContaining(kept) });
  await expect(eraseTenant(runtime, 'guardada')).rejects.toEqual(refused);
  renameSync(kept, away);
  symlinkSync(away, kept);
  await expect(eraseTenant(runtime, 'guardada')).rejects.toEqual(refused);
  rmSync(kept);
  await eraseTenant(runtime, 'guardada');
  const found = async () => describeErasedIn(control.admin, await findKept(control.admin, runtime.project));
  expect(await found()).toEqual([]);
  renameSync(away, kept);
  expect(await found()).toEqual([`${kept} may have rows of ${tenantId}, which were erased: remove it`]);
  // One of after the erasure has none.
  const later = new Date(Date.now() + 60_000);
  utimesSync(segment, later, later);
  expect(await found()).toEqual([]);
});
