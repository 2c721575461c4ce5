import * as z from 'zod';
import { type ClosedEntry, type TenantEntry, tenantEntry } from './tenant-entry.js';

/** All that the edge is configured with. */
export const edgeDocument = z.strictObject({
  version: z.literal(1),
  operatorHost: z.string().describe('where the operator reads what the edge reports'),
  tenants: z.array(tenantEntry),
  closed: z
    .array(
      z.strictObject({
        tenant: z.string(),
        reason: z.string(),
        hosts: z.array(z.string()).describe('that it keeps; they answer that it is closed'),
      }),
    )
    .describe('tenants that the edge lets nobody in to'),
});
export type EdgeDocument = Readonly<z.infer<typeof edgeDocument>>;

/** What is stored at the edge: an entry under each host. */
export const storedEntries = ({ tenants, closed }: EdgeDocument): ReadonlyMap<string, string> => {
  const entries: (TenantEntry | ClosedEntry)[] = [
    ...tenants,
    ...closed.map(({ tenant, hosts }) => ({ version: 1 as const, tenant, hosts, closed: true as const })),
  ];
  return new Map(
    entries.flatMap((entry) => {
      const text = JSON.stringify(entry);
      return entry.hosts.map((host) => [host, text] as const);
    }),
  );
};
