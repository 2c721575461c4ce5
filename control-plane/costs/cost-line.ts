import type { BilledPart } from '../../targets/billing.js';
import type { Price, PriceTable } from './price-table.js';

/** What one thing costs a month. */
export interface CostLine {
  readonly what: string;
  /** In millionths of a euro; null where it cannot be told. */
  readonly microEur: number | null;
  /** Where the price is from and of when, or why it cannot be told. */
  readonly basis: string;
}

/** A sum of lines. */
export interface Cost {
  /** In millionths of a euro; null where a line cannot be told. */
  readonly microEur: number | null;
  /** The sum of what can be told. */
  readonly atLeastMicroEur: number;
}

export const sumOf = (lines: readonly Pick<CostLine, 'microEur'>[]): Cost =>
  addUp(lines.map(({ microEur }) => ({ microEur, atLeastMicroEur: microEur ?? 0 })));

export const addUp = (costs: readonly Cost[]): Cost => {
  const atLeastMicroEur = costs.reduce((sum, cost) => sum + cost.atLeastMicroEur, 0);
  const isKnown = costs.every(({ microEur }) => microEur !== null);
  return { microEur: isKnown ? atLeastMicroEur : null, atLeastMicroEur };
};

export const microEurOf = (eur: number): number => Math.round(eur * 1e6);

/** The price of a part by the table, rounded to a millionth of a euro. */
export const priceOf = (table: PriceTable, { what, region, unit, quantity }: BilledPart): CostLine => {
  const prices = table.regions[region];
  const price: Price | undefined =
    typeof unit === 'string' ? prices?.[unit] : prices?.instanceHour[unit.instanceClass];
  const name = typeof unit === 'string' ? unit : `instanceHour of ${unit.instanceClass}`;
  if (!price)
    return { what, microEur: null, basis: `cannot tell: the price table has no ${name} in ${region}` };
  const { date = '', from = '' } = table.sources[price.source] ?? {};
  return {
    what,
    microEur: microEurOf(price.amount * quantity * table.eurPerUnit.eur),
    basis: `${price.amount} ${table.currency} ${name} in ${region}, of ${date}: ${from}`,
  };
};
