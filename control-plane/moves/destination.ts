import type { Size } from '../../core/sizes.js';
import { RingfenceError, type Tenant } from '../../manifest/index.js';
import { targetOf } from '../../targets/index.js';
import type { CellRequest, NewPlace } from '../cells/cells-up.js';
import { infrastructureOf, placeToMake } from '../cells/infrastructure.js';
import { type Cell, findCell, getCell, listCells } from '../cells/store.js';
import { refuseKeysAbroad } from '../keys/refuse-keys-abroad.js';
import { findRoom, freeName, refuseOutside, requireRoom } from '../placements/room.js';
import type { Runtime } from '../runtime.js';
import { inhabitedCells } from '../tenants/placements.js';
import type { RegisteredTenant } from '../tenants/store.js';

/** Where a tenant is to live: in a cell by name, or in some cell of a tier and a region. What is left out stays as it is. */
export interface Wish {
  readonly to?: string | undefined;
  readonly tier?: Cell['tier'] | undefined;
  readonly region?: string | undefined;
}

/**
 * The cell that a tenant moves into; it may not exist yet. Makes nothing.
 * @throws RingfenceError `cell_not_found`; `conflict` for its home, for a cell outside its residency, for one without room, for one whose
 * server and that of its home do not reach each other, and where no server can be made; `residency_violated` for one whose root key is
 * abroad.
 */
export const chooseDestination = async (
  runtime: Runtime,
  tenant: Tenant,
  registered: RegisteredTenant,
  { to, tier, region }: Wish,
): Promise<CellRequest> => {
  const { control } = runtime;
  const home = await getCell(control, registered.cell);
  if (to !== undefined) {
    const cell = await getCell(control, to);
    if (to === home.name) throw atHome(registered);
    refuseOutside(tenant, cell);
    refuseFar(home, cell);
    if (!inhabitedCells(registered).includes(to)) await requireRoom(control, tenant, cell);
    if (cell.port !== null) await refuseKeysAbroad(runtime, tenant, [to]);
    return request(cell);
  }
  const wanted = { tier: tier ?? home.tier, region: region ?? home.region };
  if (wanted.tier === home.tier && wanted.region === home.region && wanted.tier === 'dedicated')
    throw atHome(registered);
  const stem = wanted.tier === 'dedicated' ? tenant.slug : `shared-${wanted.region}`;
  refuseOutside(tenant, { name: stem, region: wanted.region });
  const others = (await listCells(control)).filter(({ name }) => name !== home.name);
  const near = others.filter((cell) => isNear(home, cell));
  const free = await findRoom(control, tenant, near, { ...wanted, stem });
  if (free) {
    if (free.port !== null) await refuseKeysAbroad(runtime, tenant, [free.name]);
    return request(free);
  }
  const made = await findCell(control, stem);
  const name = freeName(stem, made ? [...others, home] : others);
  const place = await placeBeside(runtime, home, { ...wanted, name }, tenant.size);
  return { ...wanted, name, ...(place ? { place } : {}) };
};

/** Servers of this machine reach each other, and those of a provider do; nobody reaches a server of this machine from elsewhere. */
const isNear = (one: Cell, other: Cell): boolean => targetOf(one).isHere === targetOf(other).isHere;

const refuseFar = (home: Cell, cell: Cell): void => {
  if (isNear(home, cell)) return;
  const on = (one: Cell): string => `cell ${one.name} is on ${targetOf(one).provider}`;
  throw new RingfenceError(
    'conflict',
    `${on(home)}, ${on(cell)}: a server of this machine is not reached from there, so the tenant could not come back`,
    {
      fix: 'move between cells of one provider; or take the tenant away with `ringfence tenants remove`, and bring it back from its backup with `ringfence tenants restore-removed` there',
    },
  );
};

/** Where the server of a new cell is made: where that of the home is. Undefined for this machine. */
const placeBeside = async (
  runtime: Runtime,
  home: Cell,
  wanted: Pick<Cell, 'name' | 'tier' | 'region'>,
  size: Size | undefined,
): Promise<NewPlace | undefined> => {
  const { isHere, provider, words } = targetOf(home);
  if (isHere) return undefined;
  const made = infrastructureOf(home);
  if (made === undefined)
    throw new RingfenceError(
      'conflict',
      `cell ${home.name} is on ${words(home.address).server} of ${provider}, which was there already, and no cell for the tenant is`,
      {
        fix: `make one, \`ringfence cells up ${wanted.name} --aws --tier ${wanted.tier} --region ${wanted.region}\`, and name it with --to`,
      },
    );
  const { caFile } = (await runtime.target.server(home.name)).network;
  const place = await placeToMake(runtime, wanted, {
    size: size ?? made.size,
    ...(made.operators === undefined ? {} : { operators: made.operators }),
  });
  return { ...place, ...(caFile === undefined ? {} : { caFile }) };
};

const request = ({ name, tier, region }: Cell): CellRequest => ({ name, tier, region });

const atHome = ({ slug, cell }: RegisteredTenant): RingfenceError =>
  new RingfenceError('conflict', `tenant ${slug} is at home in cell ${cell} already`, {
    fix: 'name another cell with --to, or another --region: see `ringfence cells list`',
  });
