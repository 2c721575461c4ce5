import { RingfenceError } from '../../core/errors.js';
import { isSlug } from '../../core/ids.js';
import { isRegionName, REGION_NAMES, type RegionName } from '../../core/regions.js';
import { DEFAULT_PLACE, targetOf } from '../../targets/index.js';
import type { Runtime } from '../runtime.js';
import type { CellRequest } from './cells-up.js';
import { type Cell, findCell, listCells } from './store.js';

const DEFAULT_REGION: RegionName = 'eu-central-1';

/** The description of the cell, or the cells, that somebody wants up. */
export type CellWish = Partial<CellRequest>;

const nameOf = ({ name, tier = 'shared', region = DEFAULT_REGION }: CellWish): string =>
  name ?? `${tier}-${region}`;

/** @throws RingfenceError `usage` for a wish that no cell can fulfil, before anything is made. */
export const checkCellWish = (wish: CellWish): void => {
  const name = nameOf(wish);
  const { region = DEFAULT_REGION } = wish;
  if (!isSlug(name)) {
    throw new RingfenceError('usage', `${JSON.stringify(name)} is not the name of a cell`, {
      fix: 'a name is 3 to 40 of a-z, 0-9 and single hyphens, and starts with a letter',
    });
  }
  const { isHere, provider, option } = targetOf(wish.place ?? DEFAULT_PLACE);
  if (!isHere && (wish.name === undefined || wish.region === undefined)) {
    throw new RingfenceError('usage', `a cell on ${provider} needs a name, and the region of its server`, {
      fix: `ringfence cells up <name> ${option} --region <region>`,
    });
  }
  if (!isHere && wish.port !== undefined)
    throw new RingfenceError('usage', `--port is for a local cell: ${provider} says where a server listens`);
  if (!isRegionName(region)) {
    throw new RingfenceError('usage', `${region} is not a region`, {
      fix: `allowed: ${REGION_NAMES.join(', ')}`,
    });
  }
};

/** Returns the cell that the wish names or describes, known or new; without a name or a description all known cells. */
export const wishedCells = async (runtime: Runtime, wish: CellWish): Promise<CellRequest[]> => {
  const { tier, region, port, historyDays, size, replicas, place } = wish;
  const more = {
    ...(historyDays === undefined ? {} : { historyDays }),
    ...(size === undefined ? {} : { size }),
    ...(replicas === undefined ? {} : { replicas }),
    ...(place === undefined ? {} : { place }),
  };
  const known = await listCells(runtime.control);
  refuseOtherSize(known, wish);
  if (wish.name === undefined && known.length > 0 && region === undefined)
    return known.map((cell) => ({ ...asRequest(cell), ...more }));
  const name = nameOf(wish);
  const cell = await findCell(runtime.control, name);
  return [
    {
      ...(cell ? asRequest(cell) : { name, tier: 'shared', region: DEFAULT_REGION }),
      ...(tier ? { tier } : {}),
      ...(region ? { region } : {}),
      ...(port === undefined ? {} : { port }),
      ...more,
    },
  ];
};

const asRequest = ({ name, tier, region }: Cell): CellRequest => ({ name, tier, region });

/** Another size may restart the server, so it has a command with a preview. */
const refuseOtherSize = (known: readonly Cell[], wish: CellWish): void => {
  const { size } = wish;
  const cell = known.find(({ name }) => name === nameOf(wish));
  if (size === undefined || !cell || cell.size === size) return;
  throw new RingfenceError('usage', `cell ${cell.name} is there already, with size ${cell.size}`, {
    fix: `ringfence cells resize ${cell.name} --size ${size}`,
  });
};
