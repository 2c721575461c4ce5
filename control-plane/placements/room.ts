import type pg from 'pg';
import { regionsOf } from '../../core/regions.js';
import { RingfenceError, type Tenant } from '../../manifest/index.js';
import type { Cell } from '../cells/store.js';
import { countTenants, findOccupant } from '../tenants/store.js';

/** The number of tenants that a shared cell takes. */
const SHARED_CELL_TENANTS = 1_000;
/** Cells of one kind in a region, or of one tenant. */
const NAMES_MAX = 10_000;
const CELL_NAME_CHARACTERS = 40;

/** A cell that exists and takes the tenant: a shared one of the region, or a dedicated one that was made for it. */
export const findRoom = async (
  control: pg.Pool,
  tenant: Tenant,
  cells: readonly Cell[],
  wanted: { readonly tier: Cell['tier']; readonly region: string; readonly stem: string },
): Promise<Cell | undefined> => {
  const fitting = cells.filter(({ tier, region }) => tier === wanted.tier && region === wanted.region);
  if (wanted.tier === 'dedicated') {
    const own = fitting.find(({ name }) => name === wanted.stem);
    return own && (await findOccupant(control, own.name, tenant.slug)) === undefined ? own : undefined;
  }
  const counts = await countTenants(control);
  return fitting.find(({ name }) => (counts.get(name) ?? 0) < SHARED_CELL_TENANTS);
};

/** `stem`, or the first of `stem-2`, `stem-3`, ... that no cell has. */
export const freeName = (stem: string, cells: readonly Cell[]): string => {
  const taken = new Set(cells.map(({ name }) => name));
  if (!taken.has(stem)) return stem;
  for (let number = 2; number <= NAMES_MAX; number++) {
    const name = `${stem.slice(0, CELL_NAME_CHARACTERS - String(number).length - 1).replace(/-$/, '')}-${number}`;
    if (!taken.has(name)) return name;
  }
  throw new RingfenceError('conflict', `no name is left for a cell ${stem}`, {
    fix: 'bring one up with `ringfence cells up <name>`, and name it in the manifest',
  });
};

/** @throws RingfenceError `conflict` for a cell that takes no further tenant. */
export const requireRoom = async (control: pg.Pool, tenant: Tenant, cell: Cell): Promise<void> => {
  if (cell.tier === 'dedicated') {
    const occupant = await findOccupant(control, cell.name, tenant.slug);
    if (occupant === undefined) return;
    const isRemoved = occupant.state === 'removed';
    throw new RingfenceError(
      'conflict',
      `cell ${cell.name} is dedicated to ${occupant.slug}${isRemoved ? ', which was removed and has its backups there' : ''}`,
      {
        fix: `leave cell out of the manifest: ${tenant.slug} gets a cell of its own${isRemoved ? `; or erase the other first: ringfence tenants erase ${occupant.slug}` : ''}`,
      },
    );
  }
  const tenants = (await countTenants(control)).get(cell.name) ?? 0;
  if (tenants < SHARED_CELL_TENANTS) return;
  throw new RingfenceError('conflict', `cell ${cell.name} is full: it has ${tenants} tenants`, {
    fix: 'leave cell out of the manifest, or name another one',
  });
};

/** @throws RingfenceError `conflict` for a cell outside the residency of the tenant. */
export const refuseOutside = (
  { residency }: Pick<Tenant, 'residency'>,
  { name, region }: Pick<Cell, 'name' | 'region'>,
): void => {
  const allowed = regionsOf(residency);
  if (allowed.some((one) => one === region)) return;
  throw new RingfenceError('conflict', `cell ${name} is in ${region}, outside the residency ${residency}`, {
    fix: `choose a cell in one of: ${allowed.join(', ')}`,
  });
};
