import { orUnknown, type Whereabouts } from '../../core/whereabouts.js';
import type { Runtime } from '../runtime.js';
import { type CostLine, priceOf } from './cost-line.js';
import type { PriceTable } from './price-table.js';
import type { StoredBackups } from './store.js';

const GB = 1_024 ** 3;

/** Prices what backups take where their places are, copies of a bucket too. Each place is asked once where it is. */
export const backupPrices = (
  { target }: Runtime,
  table: PriceTable,
): ((stored: StoredBackups) => Promise<CostLine[]>) => {
  const asked = new Map<string, Promise<readonly Whereabouts[]>>();
  return async ({ place, storedBytes }) => {
    const found = asked.get(place) ?? orUnknown(place, () => target.objects.whereabouts(place));
    asked.set(place, found);
    return (await found).flatMap((where) => lineOf(table, where, storedBytes));
  };
};

const lineOf = (table: PriceTable, where: Whereabouts, storedBytes: number): CostLine[] => {
  const what = `backups in ${where.what}`;
  switch (where.answer) {
    case 'region':
      return [
        priceOf(table, { what, region: where.region, unit: 'objectGbMonth', quantity: storedBytes / GB }),
      ];
    case 'here':
      return [{ what, microEur: 0, basis: 'on this machine' }];
    case 'none':
      return [];
    case 'unknown':
      return [{ what, microEur: null, basis: `cannot tell where they are: ${where.evidence}` }];
  }
};
