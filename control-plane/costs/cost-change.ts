import { isDeepStrictEqual } from 'node:util';
import { type CellRequest, wantedOf } from '../cells/cells-up.js';
import { findCell } from '../cells/store.js';
import type { Runtime } from '../runtime.js';
import { askCell, cellLines, type PricedCell } from './cell-cost.js';
import { type CostLine, sumOf } from './cost-line.js';
import { readPriceTable } from './price-table.js';

/** What a change costs a month. Lines that stay as they are stand in neither list. */
export interface CostChange {
  /** The difference in millionths of a euro; null where a line cannot be told. */
  readonly microEur: number | null;
  readonly added: readonly CostLine[];
  readonly removed: readonly CostLine[];
}

export const NO_COST_CHANGE: CostChange = { microEur: 0, added: [], removed: [] };

/** What bringing a cell up as it is wanted adds to its cost. A cell that was never deployed whole costs nothing before. Starts nothing. */
export const planCostChange = async (
  runtime: Runtime,
  request: Pick<CellRequest, 'name' | 'region' | 'size' | 'place'>,
): Promise<CostChange> => {
  const known = await findCell(runtime.control, request.name);
  const there = known?.port == null ? undefined : known;
  const wanted = pricedOf({ ...wantedOf(request, known), region: request.region });
  if (there && isDeepStrictEqual(pricedOf(there), wanted)) return NO_COST_CHANGE;
  const table = readPriceTable(runtime.project);
  const said = there ? (await askCell(runtime, there))?.said : {};
  return changeOf(there ? cellLines(table, there, said) : [], cellLines(table, wanted, said));
};

const pricedOf = ({ target, address, region, size }: PricedCell): PricedCell => ({
  target,
  address,
  region,
  size,
});

const changeOf = (before: readonly CostLine[], after: readonly CostLine[]): CostChange => {
  const without = (lines: readonly CostLine[], others: readonly CostLine[]): CostLine[] =>
    lines.filter((line) => !others.some((other) => isDeepStrictEqual(line, other)));
  const added = without(after, before);
  const removed = without(before, after);
  const [more, less] = [sumOf(added).microEur, sumOf(removed).microEur];
  return { microEur: more === null || less === null ? null : more - less, added, removed };
};
