import type pg from 'pg';
import { RingfenceError } from '../../core/errors.js';
import { SIZES, type Size } from '../../core/sizes.js';
import { withConnection } from '../../data-plane/database/connect.js';
import { type Metered, readMetered } from '../../data-plane/quotas/metered.js';
import { readMonthlyPrices } from '../../data-plane/quotas/prices.js';
import { type Place, targetOf } from '../../targets/index.js';
import { isUp } from '../cells/cells-up.js';
import type { Cell } from '../cells/store.js';
import type { Runtime } from '../runtime.js';
import { type CostLine, microEurOf, priceOf } from './cost-line.js';
import type { PriceTable } from './price-table.js';

/** What a running cell's database has for costs. */
interface AskedCell {
  /** Euros a month of a cell of a class, where its operator has said so. */
  readonly said: SaidPrices;
  /** What each of its tenants has used, by id. */
  readonly metered: ReadonlyMap<string, Metered>;
}

export type SaidPrices = Readonly<Partial<Record<Size, number>>>;

/** @returns undefined for a cell that does not run, or does not answer; nothing is started. */
export const askCell = async (runtime: Runtime, cell: Cell): Promise<AskedCell | undefined> => {
  try {
    if (!(await isUp(runtime, cell))) return undefined;
    return await withConnection(await runtime.target.adminConnection(cell.name), read);
  } catch (error) {
    if (error instanceof RingfenceError) return undefined;
    throw error;
  }
};

const read = async (client: pg.Client): Promise<AskedCell> => {
  const prices = await readMonthlyPrices(client, SIZES);
  const said = SIZES.flatMap((size, index) => {
    const eur = prices[index] ?? null;
    return eur === null ? [] : [[size, eur] as const];
  });
  return { said: Object.fromEntries(said), metered: await readMetered(client) };
};

/** A cell, or one that somebody wants. */
export interface PricedCell extends Place {
  readonly region: string;
  readonly size: Size;
}

/** The class of what Ringfence makes for a cell, or else of its server. */
export const sizeOf = (cell: Place & { readonly size: Size }): Size =>
  targetOf(cell).infrastructure(cell.address)?.size ?? cell.size;

/**
 * What a cell costs a month: what its operator has said, or else its provider's parts by the price table. A cell on this machine
 * costs nothing unless its operator says prices.
 * @param said undefined where its database does not run.
 */
export const cellLines = (table: PriceTable, cell: PricedCell, said: SaidPrices | undefined): CostLine[] => {
  const size = sizeOf(cell);
  const eur = said?.[size];
  const price = `cellMonth.${size}`;
  if (eur !== undefined)
    return [
      {
        what: `cell of size ${size}`,
        microEur: microEurOf(eur),
        basis: `${price} of ringfence.prices in the cell`,
      },
    ];
  const { billed, words } = targetOf(cell);
  const parts = billed(cell.address, cell.region);
  const what = words(cell.address).server;
  const unknown = (why: string): CostLine[] => [{ what, microEur: null, basis: `cannot tell: ${why}` }];
  if (parts === null)
    return unknown(`Ringfence did not make it; its administrator says ${price} in ringfence.prices`);
  if (parts.length > 0) return parts.map((part) => priceOf(table, part));
  if (said === undefined)
    return unknown('its database does not run, or does not answer, and may have a price for it');
  if (Object.keys(said).length > 0) return unknown(`ringfence.prices of the cell has no ${price}`);
  return [{ what, microEur: 0, basis: 'nobody bills it, and ringfence.prices of the cell says no price' }];
};
