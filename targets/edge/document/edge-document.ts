import * as z from 'zod';
import { tenantEntry } from './tenant-entry.js';

/** All that the edge is configured with. */
export const edgeDocument = z.strictObject({
  version: z.literal(1),
  operatorHost: z.string().describe('where the operator reads what the edge reports'),
  tenants: z.array(tenantEntry),
  closed: z
    .array(z.strictObject({ tenant: z.string(), reason: z.string() }))
    .describe('tenants that the edge lets nobody in to'),
});
export type EdgeDocument = Readonly<z.infer<typeof edgeDocument>>;

/** What is stored at the edge: an entry under each host. */
export const storedEntries = ({ tenants }: EdgeDocument): ReadonlyMap<string, string> =>
  new Map(
    tenants.flatMap((entry) => {
      const text = JSON.stringify(entry);
      return entry.hosts.map((host) => [host, text] as const);
    }),
  );
