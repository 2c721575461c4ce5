import { z } from 'zod';
import { TIERS } from '../../manifest/index.js';
import { backupSummaryView, backupView } from '../backups/views.js';
import { resizeView } from '../cells/views.js';
import { costChangeView } from '../costs/views.js';
import { judgementsView } from '../policies/views.js';
import { changesView, failure } from '../view.js';

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

const previewView = z.strictObject({
  ...place,
  unaffected: z.boolean().describe('nothing changed since its last deployment'),
  adopts: z.boolean().describe('the engine has lost what it knew: what is there is taken over'),
  cellChanges: changesView,
  resize: resizeView.nullable().describe('of the tenant’s own cell; null where its size stays'),
  costChange: costChangeView.describe('of the cell; the tenant’s backups come to it'),
  changes: changesView,
  judgements: judgementsView,
});

/** One tenant; with --all a list of the previews and of the failures. */
export const previewsView = z.union([
  previewView,
  z.array(z.union([previewView, z.strictObject({ slug: z.string(), error: failure })])),
]);
