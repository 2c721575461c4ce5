import { z } from 'zod';
import { judgementsView } from '../policies/views.js';
import { changesView } from '../view.js';

export { edgeDocument as edgeConfigView } from '../../targets/edge/document/edge-document.js';

/** An edge of this machine that answers now. */
export const localEdgeView = z.strictObject({
  url: z.url(),
  operatorHost: z.string(),
  operatorKey: z.string().describe('reads reports until this edge ends'),
  tenants: z.array(z.string()).describe('each is at <tenant>.localhost'),
});

/** What a deployment of the edge made, or with --dry-run would make. */
export const edgeDeploymentView = z.strictObject({
  name: z.string(),
  dryRun: z.boolean(),
  hosts: z.array(
    z.strictObject({
      host: z.string(),
      tenant: z.string().nullable().describe("null for the operator's"),
      pointsTo: z
        .string()
        .nullable()
        .describe('the CNAME that its owner makes; null for a host of the zone, which needs none'),
    }),
  ),
  closed: z
    .array(z.strictObject({ tenant: z.string(), reason: z.string(), hosts: z.array(z.string()) }))
    .describe('tenants that the edge lets nobody in to, and the hosts that they keep'),
  changes: changesView,
  judgements: judgementsView,
});

export const edgeDownView = z.strictObject({ removed: z.string() });
