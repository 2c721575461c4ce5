import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { enterState } from '../../../control-plane/tenants/enter-state.js';
import {
  countTenants,
  findOccupant,
  findTenantById,
  forgetTenant,
  getKnownTenant,
  getTenant,
  listRemovedTenants,
  listTenants,
  recordDeployed,
  recordFinalBackup,
  recordRemoved,
  recordRemoving,
  registerTenant,
} from '../../../control-plane/tenants/store.js';
import { parseTenant } from '../../../manifest/index.js';
import { useDatabase } from '../../support/cell-database.js';
import { smallTenant } from '../../support/cli.js';
import { registered } from '../registry.js';

const control = useDatabase('control');
const place = (slug: string, more?: Parameters<typeof registered>[2]) =>
  registered(control.admin, slug, more);
const deployed = async (slug: string, cell = 'one') => {
  const tenant = await place(slug, { cell });
  await recordDeployed(control.admin, tenant.id, parseTenant(smallTenant(slug)));
  return tenant;
};
const removed = async (slug: string, cell = 'one') => {
  const tenant = await deployed(slug, cell);
  await recordRemoving(control.admin, tenant.id);
  await recordRemoved(control.admin, tenant.id);
  return tenant;
};

describe('a registered tenant', () => {
  it('keeps its ids when it is registered again, with what its manifest says now', async () => {
    const first = await place('igual');
    expect(first).toMatchObject({ state: 'provisioning', cell: 'one', deployment: null, deployedAt: null });
    const again = await place('igual', { manifest: { legalName: 'Otra, S.L.', plan: 'pro' } });
    expect(again).toMatchObject({
      id: first.id,
      clinicIds: first.clinicIds,
      legalName: 'Otra, S.L.',
      plan: 'pro',
    });
  });

  it('is read as this version knows tenants, or not at all', async () => {
    const { id } = await deployed('alterada');
    const shifted = `UPDATE control.tenants SET maintenance_window = maintenance_window || $2 WHERE id = $1`;
    await control.admin.query(shifted, [id, { weekday: 'someday' }]);
    await expect(getTenant(control.admin, 'alterada')).rejects.toMatchObject({
      code: 'row_invalid',
      message: 'a row of control.tenants is not what this version reads: maintenanceWindow',
    });
    await control.admin.query(shifted, [id, { weekday: 'friday' }]);
    expect(await getTenant(control.admin, 'alterada')).toMatchObject({
      maintenanceWindow: { weekday: 'friday' },
    });
  });

  it('is in one cell', async () => {
    await place('mudada');
    await expect(place('mudada', { cell: 'two' })).rejects.toMatchObject({
      code: 'conflict',
      message: 'tenant mudada lives in cell one, its manifest asks for two',
    });
  });

  it('shares no clinic with another, and keeps the id of each; nothing is recorded otherwise', async () => {
    const id = randomUUID();
    const clinic = { slug: 'norte', name: 'Norte', vertical: 'dental', id } as const;
    await place('primera', { manifest: { clinics: [clinic] } });
    await expect(place('segunda', { manifest: { clinics: [clinic] } })).rejects.toMatchObject({
      code: 'conflict',
      message: `clinic id ${id} belongs to another tenant`,
    });
    const other = { ...clinic, id: randomUUID() };
    await expect(place('primera', { manifest: { clinics: [other] } })).rejects.toMatchObject({
      code: 'conflict',
      fix: `set id: ${id}, or remove the id from the manifest`,
    });
    await expect(getTenant(control.admin, 'segunda')).rejects.toMatchObject({ code: 'tenant_not_found' });
  });

  it('that was removed is known, told of, and can be placed in another cell', async () => {
    const { id } = await removed('cerrada');
    expect((await listTenants(control.admin)).map(({ slug }) => slug)).not.toContain('cerrada');
    expect((await listRemovedTenants(control.admin)).map(({ slug }) => slug)).toContain('cerrada');
    await expect(getTenant(control.admin, 'cerrada')).rejects.toMatchObject({
      code: 'tenant_not_found',
      message: 'tenant cerrada was removed',
      fix: expect.stringContaining('tenants restore-removed cerrada'),
    });
    expect(await getKnownTenant(control.admin, 'cerrada')).toMatchObject({ id, state: 'removed' });
    expect(await place('cerrada', { cell: 'two' })).toMatchObject({ id, cell: 'two', state: 'provisioning' });
  });

  it('has what its deployment says, which ends what a removal noted', async () => {
    const { id } = await removed('vuelta');
    const backup = randomUUID();
    await recordFinalBackup(control.admin, id, backup);
    expect(await findTenantById(control.admin, id)).toMatchObject({
      finalBackup: backup,
      removedAt: expect.any(Date),
    });
    await place('vuelta');
    await recordDeployed(control.admin, id, parseTenant(smallTenant('vuelta')));
    expect(await getTenant(control.admin, 'vuelta')).toMatchObject({
      state: 'active',
      finalBackup: null,
      removedAt: null,
      wasSuspended: false,
      deployedAt: expect.any(Date),
    });
  });

  it('was suspended before its removal, also when the removal is begun again', async () => {
    const { id } = await deployed('parada');
    await enterState(control.admin, id, 'suspended');
    for (let run = 0; run < 2; run++) await recordRemoving(control.admin, id);
    expect(await findTenantById(control.admin, id)).toMatchObject({ state: 'removing', wasSuspended: true });
  });
});

describe('a cell', () => {
  it('counts those that live in it, and names who was removed from it after who lives there', async () => {
    await removed('ida', 'counted');
    expect((await countTenants(control.admin)).get('counted')).toBeUndefined();
    expect(await findOccupant(control.admin, 'counted', 'otra')).toEqual({ slug: 'ida', state: 'removed' });
    await deployed('quedada', 'counted');
    expect((await countTenants(control.admin)).get('counted')).toBe(1);
    expect(await findOccupant(control.admin, 'counted', 'otra')).toMatchObject({ slug: 'quedada' });
    expect(await findOccupant(control.admin, 'counted', 'quedada')).toMatchObject({ slug: 'ida' });
  });
});

it('forgetting a tenant takes its clinics and leaves its neighbour, and can be done again', async () => {
  const [gone, neighbour] = [await deployed('olvidada'), await deployed('vecina')];
  const client = await control.admin.connect();
  try {
    for (let run = 0; run < 2; run++) await forgetTenant(client, gone.id);
  } finally {
    client.release();
  }
  expect(await findTenantById(control.admin, gone.id)).toBeUndefined();
  const { rows } = await control.admin.query('SELECT FROM control.clinics WHERE tenant_id = $1', [gone.id]);
  expect(rows).toEqual([]);
  expect(await getTenant(control.admin, 'vecina')).toMatchObject({ clinicIds: neighbour.clinicIds });
  // Its slug and its clinics' ids are free again.
  const again = parseTenant(smallTenant('olvidada'));
  expect((await registerTenant(control.admin, again, 'one')).id).not.toBe(gone.id);
});
