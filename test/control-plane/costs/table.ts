import type { PriceTable } from '../../../control-plane/costs/price-table.js';

const of = (amount: number) => ({ amount, source: 'list' });

/** Round prices, none of them anybody's: of one class in Ireland, of keys and backups in Frankfurt. */
export const testPrices = {
  currency: 'USD',
  eurPerUnit: { eur: 0.5, source: 'list' },
  sources: { list: { date: '2026-11', from: 'a list' } },
  regions: {
    'eu-west-1': {
      instanceHour: { 'db.t4g.medium': of(0.1) },
      storageGbMonth: of(0.2),
      keyMonth: of(1),
      objectGbMonth: of(0.04),
    },
    'eu-central-1': { instanceHour: {}, backupGbMonth: of(0.1), keyMonth: of(1) },
  },
} satisfies Omit<PriceTable, 'file'>;
