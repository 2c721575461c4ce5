import type pg from 'pg';
import { tenantConnections } from '../../data-plane/database/login-limits.js';
import { RingfenceError, type Tenant } from '../../manifest/index.js';
import type { CellRequest } from '../cells/cells-up.js';
import { settingsOf, sizeWith } from '../cells/size.js';
import { type Cell, getCell, listCells } from '../cells/store.js';
import { findTenant } from '../tenants/store.js';
import { findRoom, freeName, refuseOutside, requireRoom } from './room.js';

/**
 * Decides which cell a tenant goes to; the cell may not exist yet. A tenant that was placed before stays. Records nothing;
 * `settleTenant` does.
 *
 * @throws RingfenceError `cell_not_found` when the manifest names an unknown cell, `conflict` when that cell's region is
 * outside the tenant's residency, its tier differs, or it is full.
 */
export const placeTenant = async (control: pg.Pool, tenant: Tenant): Promise<CellRequest> => {
  const found = await findTenant(control, tenant.slug);
  const placed = found?.state === 'removed' ? undefined : found;
  if (tenant.cell !== undefined) {
    const cell = await getCell(control, tenant.cell);
    const request = fits(tenant, cell);
    if (placed?.cell !== cell.name) await requireRoom(control, tenant, cell);
    return request;
  }
  if (placed) {
    const cell = await getCell(control, placed.cell);
    if (cell.region === tenant.region) return fits(tenant, cell);
    throw new RingfenceError(
      'conflict',
      `tenant ${tenant.slug} lives in ${cell.region}, its manifest asks for ${tenant.region}`,
      {
        fix: `set region: ${cell.region} in the manifest; \`ringfence tenants move ${tenant.slug} --region ${tenant.region}\` moves it`,
      },
    );
  }
  const region = tenant.region ?? 'eu-central-1';
  const wanted = { tier: tenant.tier, region };
  const size = tenant.size === undefined ? {} : { size: tenant.size };
  const stem = tenant.tier === 'dedicated' ? tenant.slug : `shared-${region}`;
  const cells = await listCells(control);
  const free = await findRoom(control, tenant, cells, { ...wanted, stem });
  return free ? fits(tenant, free) : { ...wanted, ...size, name: freeName(stem, cells) };
};

const fits = (tenant: Tenant, cell: Cell): CellRequest => {
  refuseOutside(tenant, cell);
  if (cell.tier !== tenant.tier) {
    throw new RingfenceError(
      'conflict',
      `cell ${cell.name} is ${cell.tier}, the tenant asks for tier ${tenant.tier}`,
      {
        fix: `set tier: ${cell.tier} in the manifest, or choose another cell; \`ringfence tenants ${tenant.tier === 'dedicated' ? 'promote' : 'demote'} ${tenant.slug}\` moves one that is deployed`,
      },
    );
  }
  const { name, tier, region } = cell;
  refuseConnections(tenant, cell);
  return { name, tier, region, ...(tenant.size === undefined ? {} : { size: tenant.size }) };
};

/** A login that may open more connections than its server has would lock everybody else out. */
const refuseConnections = ({ slug, size, sqlLogin, quotas }: Tenant, cell: Cell): void => {
  const sizeClass = size ?? cell.size;
  const settings = settingsOf(cell, sizeClass);
  if (sqlLogin === null || !settings) return;
  const connections = tenantConnections(settings.maxConnections);
  if (quotas.connections <= connections) return;
  throw new RingfenceError(
    'conflict',
    `quotas.connections of ${slug} is ${quotas.connections}, and a cell of size ${sizeClass} has ${connections} for tenants`,
    {
      fix: `set quotas.connections to at most ${connections}, or choose ${sizeWith(cell, quotas.connections)}`,
    },
  );
};
