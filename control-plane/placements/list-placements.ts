import { type Cell, listCells } from '../cells/store.js';
import type { Runtime } from '../runtime.js';
import type { Placement } from '../tenants/placements.js';
import { getKnownTenant } from '../tenants/store.js';

export interface PlacementInCell extends Placement {
  readonly region: string;
  readonly tier: Cell['tier'];
}

/**
 * Lists the present and former placements of a tenant, also a removed one, by epoch. @throws RingfenceError
 * `tenant_not_found`.
 */
export const listPlacements = async ({ control }: Runtime, slug: string): Promise<PlacementInCell[]> => {
  const { placements } = await getKnownTenant(control, slug);
  const cells = new Map((await listCells(control)).map((cell) => [cell.name, cell]));
  return placements.flatMap((placement) => {
    const cell = cells.get(placement.cell);
    return cell ? [{ ...placement, region: cell.region, tier: cell.tier }] : [];
  });
};
