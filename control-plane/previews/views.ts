import { z } from 'zod';
import { TIERS } from '../../manifest/index.js';
import { resizeView } from '../cells/views.js';
import { costChangeView } from '../costs/views.js';
import { judgementsView } from '../policies/views.js';
import { KEY_PARTS } from '../provisioning/why-affected.js';
import { changesView, failure } from '../view.js';

const whyView = z
  .array(
    z.strictObject({
      part: z.enum(KEY_PARTS),
      against: z
        .enum(['base', 'deployment', 'reality'])
        .describe(
          'what it is compared with: the commit of --since, the last deployment, what is really there',
        ),
      detail: z.string(),
    }),
  )
  .describe('what differs; empty for a tenant that a deployment would not change');

const previewView = z.strictObject({
  slug: z.string(),
  cell: z.string(),
  region: z.string(),
  tier: z.enum(TIERS),
  unaffected: z.boolean().describe('nothing changed since its last deployment'),
  adopts: z.boolean().describe('the engine has lost what it knew: what is there is taken over'),
  cellChanges: changesView,
  resize: resizeView.nullable().describe('of the tenant’s own cell; null where its size stays'),
  costChange: costChangeView.describe('of the cell; the tenant’s backups come to it'),
  changes: changesView,
  judgements: judgementsView,
});

/** What a deployment of all manifests, or of those that were named, would change. */
export const previewReportView = z.strictObject({
  base: z
    .strictObject({ ref: z.string(), commit: z.string() })
    .nullable()
    .describe('what --since has named, and the commit that it has in common with the work tree'),
  tenants: z.array(
    z.union([
      z.strictObject({ slug: z.string(), why: whyView, preview: previewView }),
      z.strictObject({ slug: z.string(), why: whyView, error: failure.describe('it was not previewed') }),
    ]),
  ),
  gone: z
    .array(z.string())
    .describe('tenants whose manifests the base has and the work tree lacks; a deployment leaves them'),
  failures: z.array(failure).describe('of manifests that do not hold: what they would deploy is not known'),
});
