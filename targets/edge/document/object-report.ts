import * as z from 'zod';

/** What a tenant's object says of itself. */
export const objectReport = z.strictObject({
  tenant: z.string(),
  jurisdiction: z.string().nullable().describe('as the platform tells the object; null for none'),
  at: z.iso.datetime(),
  revision: z.int().nullable().describe('of the limits that hold; null before the first request'),
  users: z.int().describe('that count now'),
  minute: z.strictObject({ start: z.iso.datetime(), admitted: z.int() }),
  day: z.strictObject({
    start: z.iso.datetime(),
    admitted: z.int().describe('requests, with those that are lent to isolates now'),
    refused: z.record(z.string(), z.int()).describe('requests by the quota that refused them'),
    costEur: z.number(),
  }),
});
export type ObjectReport = Readonly<z.infer<typeof objectReport>>;
