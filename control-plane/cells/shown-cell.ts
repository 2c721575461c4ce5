import type { z } from 'zod';
import { addressFields, targetOf } from '../../targets/index.js';
import type { Cell } from './store.js';
import type { cellView } from './views.js';

/** A cell as commands print it. It has the address fields of all targets; those of other targets are null. */
export type ShownCell = z.input<typeof cellView>;

export const showCell = ({ address, ...cell }: Cell): ShownCell =>
  ({ ...cell, ...addressFields({ target: cell.target, address }) }) as ShownCell;

/** Host of the servers on this machine. */
const LOOPBACK = '127.0.0.1';

/** The known address of a cell's server. Asks nobody. */
export const knownHost = (cell: Cell): string | null => (targetOf(cell).isHere ? LOOPBACK : null);

/** One line about a running cell. */
export const describeCell = (cell: Cell): string => {
  const { name, tier, region, port } = cell;
  const place = knownHost(cell) ?? targetOf(cell).words(cell.address).place;
  return `${name}  ${tier}  ${region}  ${place}:${port}\n`;
};
