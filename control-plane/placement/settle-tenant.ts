import type pg from 'pg';
import type { Tenant } from '../../tenants/index.js';
import { withLock } from '../lock.js';
import type { CellRequest } from '../operations/cells-up.js';
import type { Cell } from '../registry/cells.js';
import { findTenant, type RegisteredTenant, registerTenant } from '../registry/tenants.js';
import { placeTenant } from './place-tenant.js';

/** Runs `work` while nobody else is given a place in a cell, and no cell is removed. */
export const withPlaces = <T>(control: pg.Pool, work: () => Promise<T>): Promise<T> =>
  withLock(control, 'places', work);

/**
 * Gives a tenant its place, and records it there: of two that come at once, the second sees the first. A tenant that
 * was placed before stays.
 *
 * @param bringUp makes the cell where it does not exist yet.
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
