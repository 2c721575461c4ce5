import { z } from 'zod';
import { SIZES } from '../../core/sizes.js';
import { TIERS } from '../../manifest/index.js';
import { cellView } from '../cells/views.js';
import { moment } from '../view.js';
import { SPLITS } from './cell-shares.js';

const cost = {
  microEur: z.int().nullable().describe('a month, in millionths of a euro; null where a part cannot be told'),
  atLeastMicroEur: z.int().describe('of the parts that can be told'),
};

const lines = z.array(
  z.strictObject({
    what: z.string(),
    microEur: z.int().nullable().describe('null where it cannot be told'),
    basis: z.string().describe('where the price is from and of when, or why it cannot be told'),
  }),
);

/** What tenants cost a month; with a name, that one, and its cells. */
export const costsView = z.strictObject({
  at: moment,
  prices: z.strictObject({
    file: z.string().nullable().describe('null for the table that comes with Ringfence'),
    currency: z.string(),
    eurPerUnit: z.strictObject({ eur: z.number(), date: z.string(), from: z.string() }),
  }),
  tenants: z.array(
    z.strictObject({
      tenant: z.string(),
      tenantId: z.guid(),
      ...cost,
      cells: z.array(
        z.strictObject({
          cell: z.string(),
          by: z.enum(SPLITS).describe('how the cell’s cost is split'),
          ...cost,
          metered: z
            .strictObject({
              requests: z.number(),
              computeMs: z.number(),
              storageBytes: z.number(),
              eur: z
                .number()
                .describe('at `ringfence.prices` of the cell: the key of the split, no cost beside it'),
            })
            .nullable()
            .describe('since the month began (UTC); null where it cannot be read'),
        }),
      ),
      backups: z.strictObject({ storedBytes: z.number(), ...cost, lines }),
    }),
  ),
  cells: z.array(
    z.strictObject({
      cell: z.string(),
      tier: z.enum(TIERS),
      region: z.string(),
      size: z.enum(SIZES),
      ...cost,
      lines,
      tenants: z.int(),
      unassignedMicroEur: z.int().describe('in no tenant’s share: no tenants, or their use cannot be read'),
    }),
  ),
  limits: z.array(z.string()).describe('what is not counted'),
});

/** What a change costs a month. */
export const costChangeView = z.strictObject({
  microEur: z
    .int()
    .nullable()
    .describe('the difference a month, in millionths of a euro; null where a line cannot be told'),
  added: lines,
  removed: lines,
});

/** A cell that was brought up. */
export const cellUpView = cellView.extend({
  costChange: costChangeView.describe('what it costs beside what it did'),
});
