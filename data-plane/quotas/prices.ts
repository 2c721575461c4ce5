import type pg from 'pg';
import type { Size } from '../../core/sizes.js';

/** The word for a month of a cell of a size class in `ringfence.prices`. */
const monthOf = (size: Size): string => `cellMonth.${size}`;

/** Euros a month of a cell of each of the classes, as its operator has said; null where nobody has. */
export const readMonthlyPrices = async (
  client: pg.ClientBase,
  sizes: readonly Size[],
): Promise<(number | null)[]> => {
  const { rows } = await client.query<{ what: string; eur: number }>(
    'SELECT what, eur::float8 AS eur FROM ringfence.prices WHERE what = ANY ($1)',
    [sizes.map(monthOf)],
  );
  return sizes.map((size) => rows.find(({ what }) => what === monthOf(size))?.eur ?? null);
};
