import { randomUUID } from 'node:crypto';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { holdTenant } from '../../../control-plane/holds/tenant-holds.js';
import { listOperations, listSteps } from '../../../control-plane/operation/history.js';
import { removeTenant } from '../../../control-plane/removal/remove-tenant.js';
import { getKnownTenant } from '../../../control-plane/tenants/store.js';
import { abortOperation } from '../../../control-plane/unfinished/abort-operation.js';
import { resumeOperation } from '../../../control-plane/unfinished/resume-operation.js';
import { loginRoleOf } from '../../../data-plane/enrolment/tenant-login.js';
import { type TestClinic, useDatabase } from '../../support/cell-database.js';
import { Crash, tablesWith, useScene } from '../erasure/scene.js';

const control = useDatabase('control');
const cell = useDatabase('cell');
const scene = useScene(control, cell);
const { runtime } = scene;
const remove = (slug: string) => removeTenant(runtime, slug);

/** A tenant with rows that is deployed, of which the engine knows nothing: its state is lost. */
const deployed = async (slug: string): Promise<TestClinic> => {
  const clinic = await scene.plant(slug);
  await control.admin.query(`UPDATE control.tenants SET state = 'active' WHERE slug = $1`, [slug]);
  return clinic;
};
const patients = async ({ clinicId }: TestClinic): Promise<number> => {
  const { rows } = await cell.admin.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM clinical.patients WHERE clinic_id = $1',
    [clinicId],
  );
  return rows[0]?.count ?? 0;
};
const addService = ({ clinicId }: TestClinic): Promise<unknown> =>
  cell.admin.query(
    `INSERT INTO clinical.services (clinic_id, name, duration_minutes) VALUES ($1, 'new', 5)`,
    [clinicId],
  );
const stateOf = async (slug: string, { tenantId }: TestClinic) => {
  const { rows } = await cell.admin.query('SELECT state FROM ringfence.tenants WHERE id = $1', [tenantId]);
  return [(await getKnownTenant(control.admin, slug)).state, rows[0]?.state];
};

it('takes a last full backup, then everything out of the cell, and says what brings it back', async () => {
  const clinic = await deployed('goes');
  const { finalBackup } = await remove('goes');
  expect(finalBackup).toMatchObject({ state: 'verified', kind: 'full', rows: expect.any(Number) });
  expect(finalBackup?.rows).toBeGreaterThan(0);
  expect(await tablesWith(cell, [clinic.tenantId, clinic.clinicId, 'goes'])).toEqual({});
  const login = await cell.admin.query('SELECT FROM pg_roles WHERE rolname = $1', [
    loginRoleOf(clinic.tenantId),
  ]);
  expect(login.rowCount).toBe(0);
  expect(await getKnownTenant(control.admin, 'goes')).toMatchObject({
    state: 'removed',
    finalBackup: finalBackup?.id,
  });
});

it('tells who asks, through what and by which command: the operation, and the log of the clinics', async () => {
  const clinic = await deployed('named');
  const caller = { who: 'eva', door: 'worker', correlationId: randomUUID() } as const;
  scene.crashAt('remove:backup');
  await expect(removeTenant({ ...runtime, caller }, 'named')).rejects.toBeInstanceOf(Crash);
  expect((await listOperations(control.admin, { slug: 'named', limit: 1 }))[0]).toMatchObject(caller);
  const { rows } = await cell.admin.query(
    `SELECT actor, detail FROM clinical.audit_events WHERE clinic_id = $1 AND action = 'suspended'`,
    [clinic.clinicId],
  );
  const { who: _, ...unnamed } = caller;
  expect(rows).toEqual([{ actor: 'administrator:eva', detail: { reason: 'removal', caller: unnamed } }]);
});

it('deletes nothing, and opens the tenant again, when the last backup cannot be taken', async () => {
  const clinic = await deployed('stays');
  const before = await patients(clinic);
  const objects = join(runtime.project.home, 'objects');
  renameSync(objects, `${objects}.away`);
  writeFileSync(objects, '');
  await expect(remove('stays')).rejects.toMatchObject({ code: 'ENOTDIR' });
  rmSync(objects);
  renameSync(`${objects}.away`, objects);
  expect(await patients(clinic)).toBe(before);
  expect(await stateOf('stays', clinic)).toEqual(['active', 'active']);

  // An administrator goes by no door, and writes between the backup and the deletion.
  const writing = {
    ...runtime,
    reached: (point: string) => {
      if (point === 'backup-stored') written = addService(clinic);
    },
  };
  let written: Promise<unknown> = Promise.resolve();
  await expect(removeTenant(writing, 'stays')).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('past its doors'),
  });
  await written;
  expect(await patients(clinic)).toBe(before);
  expect(await stateOf('stays', clinic)).toEqual(['active', 'active']);
});

it('is refused while the tenant is held', async () => {
  const clinic = await deployed('held');
  await holdTenant(runtime, 'held', { kind: 'legal-hold', reason: 'Proc. 1', until: null });
  await expect(remove('held')).rejects.toMatchObject({ code: 'erasure_held' });
  expect(await patients(clinic)).toBe(2);
  expect(await stateOf('held', clinic)).toEqual(['active', 'active']);
});

it('keeps the backup that it took before it was killed, and that the tenant was suspended', async () => {
  const clinic = await deployed('killed');
  await control.admin.query(`UPDATE control.tenants SET state = 'suspended' WHERE slug = 'killed'`);
  scene.crashAt('remove:backup');
  await expect(remove('killed')).rejects.toBeInstanceOf(Crash);
  expect(await stateOf('killed', clinic)).toEqual(['removing', 'suspended']);
  expect(await patients(clinic)).toBe(2);
  scene.crashAt('tenant-withdrawn');
  await expect(remove('killed')).rejects.toBeInstanceOf(Crash);
  const { finalBackup } = await getKnownTenant(control.admin, 'killed');
  const removal = await remove('killed');
  expect([removal.finalBackup?.id, removal.finalBackup?.rows]).toEqual([finalBackup, expect.any(Number)]);
  expect(removal.finalBackup?.rows).toBeGreaterThan(0);
  expect(await getKnownTenant(control.admin, 'killed')).toMatchObject({
    state: 'removed',
    wasSuspended: true,
  });
});

it('is aborted while nothing is deleted yet, after that only gone on with', async () => {
  const clinic = await deployed('wavers');
  const newest = async () => (await listOperations(control.admin, { slug: 'wavers', limit: 1 }))[0];
  const killedAt = async (point: string): Promise<string> => {
    scene.crashAt(point);
    await expect(remove('wavers')).rejects.toBeInstanceOf(Crash);
    return (await newest())?.id ?? '';
  };
  const first = await killedAt('remove:backup');
  expect(await abortOperation(runtime, first.slice(0, 8))).toMatchObject({
    state: 'aborted',
    undone: ['backup', 'mark'],
  });
  expect(await stateOf('wavers', clinic)).toEqual(['active', 'active']);
  expect(await getKnownTenant(control.admin, 'wavers')).toMatchObject({ finalBackup: null });
  expect(await patients(clinic)).toBe(2);
  expect(await listSteps(control.admin, first)).toMatchObject(
    ['mark', 'backup'].map((step) => ({
      step,
      attempt: 1,
      doneAt: expect.any(Date),
      undoneAt: expect.any(Date),
    })),
  );

  const second = await killedAt('tenant-withdrawn');
  const going = { manifestOf: () => Promise.reject(new Error('it needs none')) };
  // What came later is what counts.
  for (const work of [abortOperation(runtime, first), resumeOperation(runtime, first, going)])
    await expect(work).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('is aborted'),
    });
  await expect(abortOperation(runtime, second)).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('cannot be undone: rows'),
    fix: expect.stringContaining('ringfence tenants restore-removed wavers'),
  });
  await resumeOperation(runtime, second, going);
  expect(await getKnownTenant(control.admin, 'wavers')).toMatchObject({ state: 'removed' });
  expect(await newest()).toMatchObject({ kind: 'remove', state: 'done', errorCode: null });
  await expect(resumeOperation(runtime, second, going)).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('came after'),
  });
});
