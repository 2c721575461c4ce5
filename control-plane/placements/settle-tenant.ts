import type pg from 'pg';
import type { Tenant } from '../../manifest/index.js';
import type { CellRequest } from '../cells/cells-up.js';
import type { Cell } from '../cells/store.js';
import { withPlaces } from '../cells/with-places.js';
import { findTenant, type RegisteredTenant, registerTenant } from '../tenants/store.js';
import { placeTenant } from './place-tenant.js';

/**
 * Gives a tenant its place and records it. Of two tenants at once, the second sees the first. A tenant that was placed
 * before stays.
 *
 * @param bringUp makes a cell that does not exist yet.
 * @throws RingfenceError as `placeTenant`, `registerTenant` and `bringUp`.
 */
export const settleTenant = async (
  control: pg.Pool,
  tenant: Tenant,
  bringUp: (request: CellRequest) => Promise<Cell>,
): Promise<{ readonly cell: Cell; readonly registered: RegisteredTenant }> => {
  const settle = async () => {
    const cell = await bringUp(await placeTenant(control, tenant));
    return { cell, registered: await registerTenant(control, tenant, cell.name) };
  };
  const known = await findTenant(control, tenant.slug);
  const hasPlace = known !== undefined && known.state !== 'removed';
  return hasPlace ? settle() : withPlaces(control, settle);
};
