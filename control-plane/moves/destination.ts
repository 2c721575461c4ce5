import type pg from 'pg';
import { RingfenceError, type Tenant } from '../../manifest/index.js';
import type { CellRequest } from '../cells/cells-up.js';
import { type Cell, findCell, getCell, listCells } from '../cells/store.js';
import { findRoom, freeName, refuseOutside, requireRoom } from '../placements/room.js';
import { inhabitedCells } from '../tenants/placements.js';
import type { RegisteredTenant } from '../tenants/store.js';

/** Where a tenant is to live: in a cell by name, or in some cell of a tier and a region. What is left out stays as it is. */
export interface Wish {
  readonly to?: string | undefined;
  readonly tier?: Cell['tier'] | undefined;
  readonly region?: string | undefined;
}

/**
 * The cell that a tenant moves into; it may not exist yet.
 * @throws RingfenceError `cell_not_found`; `conflict` for its home, for a cell outside its residency, and for one without room.
 */
export const chooseDestination = async (
  control: pg.Pool,
  tenant: Tenant,
  registered: RegisteredTenant,
  { to, tier, region }: Wish,
): Promise<CellRequest> => {
  const home = await getCell(control, registered.cell);
  if (to !== undefined) {
    const cell = await getCell(control, to);
    if (to === home.name) throw atHome(registered);
    refuseOutside(tenant, cell);
    if (!inhabitedCells(registered).includes(to)) await requireRoom(control, tenant, cell);
    return request(cell);
  }
  const wanted = { tier: tier ?? home.tier, region: region ?? home.region };
  if (wanted.tier === home.tier && wanted.region === home.region && wanted.tier === 'dedicated')
    throw atHome(registered);
  const stem = wanted.tier === 'dedicated' ? tenant.slug : `shared-${wanted.region}`;
  refuseOutside(tenant, { name: stem, region: wanted.region });
  const others = (await listCells(control)).filter(({ name }) => name !== home.name);
  const free = await findRoom(control, tenant, others, { ...wanted, stem });
  if (free) return request(free);
  const made = await findCell(control, stem);
  const name = freeName(stem, made ? [...others, home] : others);
  return { ...wanted, name };
};

const request = ({ name, tier, region }: Cell): CellRequest => ({ name, tier, region });

const atHome = ({ slug, cell }: RegisteredTenant): RingfenceError =>
  new RingfenceError('conflict', `tenant ${slug} is at home in cell ${cell} already`, {
    fix: 'name another cell with --to, or another --region: see `ringfence cells list`',
  });
