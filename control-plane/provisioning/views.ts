import { z } from 'zod';
import { TIERS } from '../../manifest/index.js';
import { backupSummaryView, backupView } from '../backups/views.js';
import { failure } from '../view.js';

const place = {
  slug: z.string(),
  cell: z.string(),
  region: z.string(),
  tier: z.enum(TIERS),
};

/** The place of a tenant's rows. */
export const connectionView = z.strictObject({
  host: z.string(),
  port: z.int(),
  database: z.string(),
  user: z.string().nullable().describe('the login of its own, where it has one'),
});

const summaryView = z.strictObject({
  ...place,
  tenantId: z.guid(),
  connection: connectionView,
  isolation: z.strictObject({
    checks: z.int(),
    tables: z.int(),
    leaks: z.int(),
    unproven: z.int(),
  }),
  backup: backupSummaryView.nullable().describe('null where the last verified one still counts'),
  deployMs: z.number(),
});

export const addedView = summaryView.extend({ manifest: z.string().describe('its file') });

export const broughtBackView = addedView.extend({
  restored: backupView.nullable().describe('the backup that its rows came from'),
});

const unaffectedView = z.strictObject({ slug: z.string(), outcome: z.literal('unaffected') });

/** One tenant; with --all the lines. */
export const appliedView = z.union([summaryView, unaffectedView]);

/** A line of `tenants apply --all`. */
export const appliedLineView = z.discriminatedUnion('outcome', [
  z.strictObject({ slug: z.string(), outcome: z.literal('deployed'), summary: summaryView }),
  unaffectedView,
  z.strictObject({ slug: z.string(), outcome: z.literal('failed'), error: failure }),
]);
