import { beforeEach, describe, expect, it } from 'vitest';
import { type Cell, recordCell } from '../../../control-plane/cells/store.js';
import { placeTenant } from '../../../control-plane/placements/place-tenant.js';
import { freeName } from '../../../control-plane/placements/room.js';
import { enterState } from '../../../control-plane/tenants/enter-state.js';
import { registerTenant } from '../../../control-plane/tenants/store.js';
import { parseTenant, type Tenant, type TenantInput } from '../../../manifest/index.js';
import { DEFAULT_PLACE } from '../../../targets/index.js';
import { useDatabase } from '../../support/cell-database.js';
import { smallTenant } from '../../support/cli.js';

describe('where a tenant goes', () => {
  const db = useDatabase('control');
  beforeEach(() => db.admin.query('TRUNCATE control.cells CASCADE'));

  const cell = (name: string, more: Partial<Cell> = {}): Promise<Cell> =>
    recordCell(db.admin, { name, tier: 'shared', region: 'eu-central-1', ...DEFAULT_PLACE, ...more });
  const tenant = (slug: string, more: Partial<TenantInput> = {}): Tenant =>
    parseTenant(smallTenant(slug, more));
  const place = (wanted: Tenant) => placeTenant(db.admin, wanted);

  it('is a new cell of its region where there is none, and an existing one otherwise; nothing is recorded', async () => {
    const anew = { name: 'shared-eu-west-3', tier: 'shared', region: 'eu-west-3' };
    const wanted = tenant('uno', { region: 'eu-west-3' });
    for (let run = 0; run < 2; run++) expect(await place(wanted)).toEqual(anew);
    await cell('paris', { region: 'eu-west-3' });
    await cell('central');
    expect(await place(wanted)).toEqual({ ...anew, name: 'paris' });
  });

  it('is the cell that it names, if there is one, of its tier and within its residency', async () => {
    await cell('alone', { tier: 'dedicated' });
    await cell('virginia', { region: 'us-east-1' });
    await expect(place(tenant('uno', { cell: 'none' }))).rejects.toMatchObject({
      code: 'cell_not_found',
      fix: 'the cells are: alone, virginia',
    });
    await expect(place(tenant('uno', { cell: 'virginia' }))).rejects.toMatchObject({
      code: 'conflict',
      message: 'cell virginia is in us-east-1, outside the residency eu',
    });
    await expect(place(tenant('uno', { cell: 'alone' }))).rejects.toMatchObject({
      code: 'conflict',
      message: 'cell alone is dedicated, the tenant asks for tier shared',
    });
  });

  it('is where it lives, which a manifest of another region does not change', async () => {
    await cell('first');
    await cell('second');
    const { id } = await registerTenant(db.admin, tenant('uno'), 'second');
    expect((await place(tenant('uno'))).name).toBe('second');
    await expect(place(tenant('uno', { region: 'eu-west-1' }))).rejects.toMatchObject({
      code: 'conflict',
      message: 'tenant uno lives in eu-central-1, its manifest asks for eu-west-1',
    });
    await enterState(db.admin, id, 'active');
    for (const state of ['removing', 'removed'] as const) await enterState(db.admin, id, state);
    expect((await place(tenant('uno'))).name).toBe('first');
  });
});

describe('a free name', () => {
  const cells = (...names: string[]) => names.map((name) => ({ name }) as Cell);

  it('is the stem, or the first number that no cell has', () => {
    expect(freeName('one', [])).toBe('one');
    expect(freeName('one', cells('one', 'one-2', 'one-4'))).toBe('one-3');
  });

  it('has no more characters than a cell may have, and no hyphen before its own', () => {
    const stem = `${'a'.repeat(37)}-bc`;
    const name = freeName(stem, cells(stem));
    expect(name).toBe(`${'a'.repeat(37)}-2`);
    expect(name.length).toBeLessThanOrEqual(40);
  });
});
