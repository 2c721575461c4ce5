import { beforeEach, describe, expect, it } from 'vitest';
import { type Cell, recordCell } from '../../../control-plane/cells/store.js';
import { settleTenant } from '../../../control-plane/placements/settle-tenant.js';
import { enterState } from '../../../control-plane/tenants/enter-state.js';
import { parseTenant, type Tenant, type TenantInput } from '../../../manifest/index.js';
import { DEFAULT_PLACE } from '../../../targets/index.js';
import { useDatabase } from '../../support/cell-database.js';

const REGION = 'eu-central-1';
const SHARED = `shared-${REGION}`;

describe('a place in a cell', () => {
  const db = useDatabase('control');

  beforeEach(() => db.admin.query('TRUNCATE control.cells CASCADE'));

  const tenant = (slug: string, more: Pick<TenantInput, 'tier' | 'cell' | 'region'> = {}): Tenant =>
    parseTenant({
      slug,
      legalName: 'x',
      type: 'solo',
      admin: { name: 'Ada', email: 'ada@example.com' },
      clinics: [{ slug: 'centro', name: 'Centro', vertical: 'dental' }],
      ...more,
    });
  const cell = (name: string, tier: Cell['tier'] = 'shared', region = REGION): Promise<Cell> =>
    recordCell(db.admin, { name, tier, region, ...DEFAULT_PLACE });
  it('is in none that is called as the control database is among keys and objects', async () => {
    const taken = { code: 'config_invalid', message: expect.stringContaining('no cell is called control') };
    await expect(cell('control')).rejects.toMatchObject(taken);
    await expect(settle(tenant('control', { tier: 'dedicated', region: REGION }))).rejects.toMatchObject(
      taken,
    );
  });

  const settle = (wanted: Tenant) =>
    settleTenant(db.admin, wanted, ({ name, tier, region }) => cell(name, tier, region));
  const cellOf = async (wanted: Tenant): Promise<string> => (await settle(wanted)).cell.name;
  const fill = (name: string, tenants: number) =>
    db.admin.query(
      `WITH placed AS (
       INSERT INTO control.tenants (slug, cell, tier, state, legal_name, plan)
       SELECT 'of-' || $1 || '-' || n, $1, 'shared', 'active', 'x', 'trial' FROM generate_series(1, $2::int) n
       RETURNING id, cell)
     INSERT INTO control.placements (tenant_id, cell, epoch, state) SELECT id, cell, 1, 'home' FROM placed`,
      [name, tenants],
    );
  const outcomes = async (wanted: readonly Tenant[]): Promise<unknown[]> => {
    const settled = await Promise.allSettled(wanted.map(cellOf));
    return settled.map((one) => (one.status === 'fulfilled' ? one.value : one.reason.code)).sort();
  };

  it('in a shared cell is given to as many as it takes, also when two come at once', async () => {
    await cell('home');
    await fill('home', 999);
    expect(await outcomes([tenant('one'), tenant('two')])).toEqual(['home', SHARED]);
    await fill(SHARED, 999);
    expect(await cellOf(tenant('three'))).toBe(`${SHARED}-2`);
    // The first one leaves room; where it is, it stays.
    await enterState(db.admin, (await settle(tenant('three'))).registered.id, 'active');
    expect(await cellOf(tenant('three'))).toBe(`${SHARED}-2`);
    await expect(settle(tenant('four', { cell: 'home' }))).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('is full'),
    });
  });

  it('in a new shared cell has a name that no cell has', async () => {
    await cell(`${SHARED}-2`);
    await fill(`${SHARED}-2`, 1_000);
    await cell(SHARED, 'shared', 'eu-west-1');
    expect(await cellOf(tenant('one'))).toBe(`${SHARED}-3`);
  });

  it('in a dedicated cell is given once, also when two come at once', async () => {
    await cell('alone', 'dedicated');
    const named = ['one', 'two'].map((slug) => tenant(slug, { tier: 'dedicated', cell: 'alone' }));
    expect(await outcomes(named)).toEqual(['alone', 'conflict']);
    expect(await outcomes(named)).toEqual(['alone', 'conflict']);
  });

  it('in a dedicated cell stays with a removed tenant whose backups are there', async () => {
    const { registered } = await settle(tenant('one', { tier: 'dedicated', region: REGION }));
    for (const state of ['removing', 'removed'] as const) await enterState(db.admin, registered.id, state);
    await expect(enterState(db.admin, registered.id, 'suspended')).rejects.toMatchObject({
      code: 'conflict',
    });
    await expect(settle(tenant('two', { tier: 'dedicated', cell: 'one' }))).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('was removed and has its backups there'),
    });
    expect(await cellOf(tenant('one', { tier: 'dedicated', region: REGION }))).toBe('one');
  });

  it('of its own has the name of the tenant, or another where a cell has that', async () => {
    await cell('one');
    expect(await cellOf(tenant('one', { tier: 'dedicated', region: REGION }))).toBe('one-2');
    expect(await cellOf(tenant('two', { tier: 'dedicated', region: REGION }))).toBe('two');
  });
});
