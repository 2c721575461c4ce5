import type pg from 'pg';
import { RingfenceError, type Tenant } from '../tenants/index.js';
import { regionsOf } from '../tenants/vocabulary/regions.js';
import type { CellRequest } from './operations/cells-up.js';
import { type Cell, getCell, listCells } from './registry/cells.js';
import { countTenants, findTenant } from './registry/tenants.js';

/** How many tenants a shared cell takes (mission T1). */
const SHARED_CELL_TENANTS = 1_000;

/**
 * Decides which cell a tenant goes to; the cell may not exist yet. A tenant that was placed before stays.
 * @throws RingfenceError `cell_not_found` when the manifest names an unknown cell, `conflict` when that cell's
 * region is outside the tenant's residency, or its tier differs.
 */
export const placeTenant = async (control: pg.Pool, tenant: Tenant): Promise<CellRequest> => {
  const placed = await findTenant(control, tenant.slug);
  if (tenant.cell !== undefined) return fits(tenant, await getCell(control, tenant.cell));
  if (placed && placed.state !== 'removed') {
    const cell = await getCell(control, placed.cell);
    if (cell.region === tenant.region) return fits(tenant, cell);
    throw new RingfenceError(
      'conflict',
      `tenant ${tenant.slug} lives in ${cell.region}, its manifest asks for ${tenant.region}`,
      {
        fix: `set region: ${cell.region} in the manifest; a tenant moves between cells by its own operation`,
      },
    );
  }
  const region = tenant.region ?? 'eu-central-1';
  if (tenant.tier === 'dedicated') return { name: tenant.slug, tier: 'dedicated', region };
  const cells = (await listCells(control)).filter((cell) => cell.tier === 'shared' && cell.region === region);
  const counts = await countTenants(control);
  const free = cells.find((cell) => (counts.get(cell.name) ?? 0) < SHARED_CELL_TENANTS);
  const name = `shared-${region}${cells.length === 0 ? '' : `-${cells.length + 1}`}`;
  return free ? fits(tenant, free) : { name, tier: 'shared', region };
};

const fits = (tenant: Tenant, cell: Cell): CellRequest => {
  const allowed = regionsOf(tenant.residency);
  if (!allowed.some((region) => region === cell.region)) {
    throw new RingfenceError(
      'conflict',
      `cell ${cell.name} is in ${cell.region}, outside the residency ${tenant.residency}`,
      {
        fix: `choose a cell in one of: ${allowed.join(', ')}`,
      },
    );
  }
  if (cell.tier !== tenant.tier) {
    throw new RingfenceError(
      'conflict',
      `cell ${cell.name} is ${cell.tier}, the tenant asks for tier ${tenant.tier}`,
      {
        fix: `set tier: ${cell.tier} in the manifest, or choose another cell; a tenant changes its tier by a move`,
      },
    );
  }
  return { name: cell.name, tier: cell.tier, region: cell.region };
};
