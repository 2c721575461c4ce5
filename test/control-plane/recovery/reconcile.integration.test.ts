import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { forgetBackup } from '../../../control-plane/backups/forget-backup.js';
import { backUpTenant } from '../../../control-plane/backups/tenant-backups.js';
import { compareCell } from '../../../control-plane/cell-status/compare-cell.js';
import { sendErasureNotes } from '../../../control-plane/control-backup/erasure-notes.js';
import { beginOffsite } from '../../../control-plane/control-backup/offsite.js';
import { bringSigningKey } from '../../../control-plane/erasure/certify.js';
import { eraseTenant } from '../../../control-plane/erasure/erase-tenant.js';
import { findErasedObjects } from '../../../control-plane/erasure/erased-objects.js';
import { describeErasedIn, findKept } from '../../../control-plane/erasure/kept-data.js';
import { requestErasure } from '../../../control-plane/erasure/request-erasure.js';
import { readProject } from '../../../control-plane/project/store.js';
import { reconcile } from '../../../control-plane/recovery/reconcile.js';
import { sealedKey } from '../../../data-plane/backup/offsite/sealed-object.js';
import { useDatabase } from '../../support/cell-database.js';
import { filesBelow } from '../../support/cli.js';
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
  // It is told of until it is there again, or given up.
  expect(await reconcile(runtime)).toMatchObject({ lost: [{ id }] });
  const stateOf = async () =>
    (await control.admin.query('SELECT state FROM control.backups WHERE id = $1', [id])).rows[0]?.state;
  expect(await stateOf()).toBe('failed');
  renameSync(`${object}.away`, object);
  expect(await reconcile(runtime)).toMatchObject({
    lost: [],
    returned: [{ id, slug: 'perdida', rows }],
    backups: 1,
  });
  expect(await stateOf()).toBe('verified');
});

it('erases again what an older part brings back of an erased tenant, and says so before', async () => {
  const { tenantId, clinicId } = await deployed('borrada');
  const { id } = await backUpTenant(runtime, 'borrada', {});
  const folder = join(runtime.project.home, 'objects', 'one', tenantId);
  const kept = `${folder}.kept`;
  renameSync(folder, kept);
  await requestErasure(runtime, 'borrada', { reason: 'cierra', waitDays: 0 });
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
  await requestErasure(runtime, 'guardada', { reason: 'cierra', waitDays: 0 });
  scene.crashAt('erase:rows');
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
  rmSync(kept, { recursive: true });
});

it('gives a lost backup up when it is told to, and only a lost one', async () => {
  const { tenantId } = await deployed('dada');
  const { id } = await backUpTenant(runtime, 'dada', {});
  await expect(forgetBackup(runtime, 'dada', id)).rejects.toMatchObject({ code: 'backup_not_found' });
  rmSync(join(runtime.project.home, 'objects', 'one', tenantId, `${id}.backup`));
  expect((await reconcile(runtime)).lost).toMatchObject([{ id }]);
  await forgetBackup(runtime, 'dada', id);
  expect((await reconcile(runtime)).lost).toEqual([]);
});

it('takes a whole backup where the one before is damaged, which then counts as lost', async () => {
  const { tenantId } = await deployed('rota');
  const { id } = await backUpTenant(runtime, 'rota', {});
  truncateSync(join(runtime.project.home, 'objects', 'one', tenantId, `${id}.backup`), 3_000);
  expect(await backUpTenant(runtime, 'rota', {})).toMatchObject({ kind: 'full', verified: true });
  expect(await backUpTenant(runtime, 'rota', {})).toMatchObject({ kind: 'incremental' });
  expect((await reconcile(runtime)).lost).toMatchObject([{ id, slug: 'rota' }]);
  await forgetBackup(runtime, 'rota', id);
});

it('learns of an erasure from its certificate where control database and notes are older, and notes it again', async () => {
  const { tenantId } = await deployed('certificada');
  await backUpTenant(runtime, 'certificada', {});
  const folder = join(runtime.project.home, 'objects', 'one', tenantId);
  const kept = `${folder}.kept`;
  renameSync(folder, kept);
  await requestErasure(runtime, 'certificada', { reason: 'cierra', waitDays: 0 });
  const { id } = await eraseTenant(runtime, 'certificada');
  renameSync(kept, folder);
  // An older control database, and objects of before.
  await control.admin.query('DELETE FROM control.erasures WHERE id = $1', [id]);
  const offsite = await beginOffsite(runtime.target, (await readProject(control.admin)).id);
  const note = sealedKey(`erasures/${id}.json`);
  await offsite.store.delete(note);
  expect(await reconcile(runtime)).toMatchObject({ erased: [{ tenantId }] });
  expect(filesBelow(folder)).toEqual([]);
  await sendErasureNotes(control.admin, offsite);
  expect(await offsite.store.stat(note)).toBeDefined();
  // And the other way round: the folder has lost its certificate.
  const certificate = join(runtime.project.home, 'erasure', `${id}.json`);
  rmSync(certificate);
  await reconcile(runtime);
  expect(existsSync(certificate)).toBe(true);
});

it('does not sign with another key where the one that signed is lost, unless it is told to', async () => {
  const key = join(runtime.project.home, 'erasure', 'signing-key.pem');
  const offsite = await beginOffsite(runtime.target, (await readProject(control.admin)).id);
  await offsite.store.delete(sealedKey('erasures/signing-key.pem'));
  renameSync(key, `${key}.away`);
  expect((await reconcile(runtime)).signingKeyLost).toBe(true);
  await expect(bringSigningKey(runtime)).rejects.toMatchObject({ code: 'key_not_found' });
  await bringSigningKey(runtime, { mayBeNew: true });
  renameSync(`${key}.away`, key);
  expect((await reconcile(runtime)).signingKeyLost).toBe(false);
});

it('names what a cell has of a tenant that lives elsewhere by what takes it out', async () => {
  const { tenantId } = await deployed('mudada');
  await control.admin.query(
    `INSERT INTO control.cells (name, tier, region, target) VALUES ('elsewhere', 'shared', 'eu-central-1', 'local')`,
  );
  await control.admin.query(
    `WITH moved AS (UPDATE control.placements SET cell = 'elsewhere' WHERE tenant_id = $1 RETURNING tenant_id)
     UPDATE control.tenants SET cell = 'elsewhere' FROM moved WHERE id = tenant_id`,
    [tenantId],
  );
  expect(await problems()).toContain(
    'mudada lives in cell elsewhere, and is in cell one too: `ringfence placements withdraw mudada one`',
  );
  await control.admin.query(
    `INSERT INTO control.erasures (tenant_id, slug, slug_digest, cells, clinic_ids, state, reason, requested_by, requested_at, due_at, resume)
     VALUES ($1, 'mudada', sha256('x'), ARRAY['one', 'elsewhere'], ARRAY[]::uuid[], 'waiting', 'cierra', 'ana', now(), now(), false)`,
    [tenantId],
  );
  expect(await problems()).toContain(
    'rows of mudada are in cell one: it is to be erased, `ringfence tenants erase mudada` finishes that',
  );
});
