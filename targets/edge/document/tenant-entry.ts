import * as z from 'zod';

const HOST = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/;
const host = z.string().max(253).regex(HOST, 'is not a host name in lower case');

const LOOPBACK = new Set(['127.0.0.1', 'localhost']);

/** HTTPS, but to this machine, and nothing but the origin: `https://eu-central-1.clinics.example`. */
export const origin = z.url().refine((text) => {
  const url = URL.parse(text);
  if (url === null || url.origin !== text) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname));
}, 'is not an origin; allowed: https://host or https://host:port, without a path');

const count = z.int().positive();

const slug = z
  .string()
  .regex(/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/, 'is not a slug')
  .max(40);
const hosts = z.array(host).min(1);

/** What the edge knows of one tenant. It is stored under each of its hosts. Nothing in it is secret. */
export const tenantEntry = z
  .strictObject({
    version: z.literal(1),
    tenant: slug,
    revision: count.describe('number of its deployment; the limits of the highest hold'),
    hosts,
    origin: origin.describe('where the application of its cell answers'),
    jurisdiction: z.enum(['eu']).nullable().describe('where its object has to be; null for anywhere'),
    limits: z.strictObject({
      requestsPerSecond: count,
      burst: count,
      requestsPerMinute: count,
      concurrentUsers: count,
      dailyCostCapMicroEur: count,
      requestCostMicroEur: z.int().nonnegative(),
    }),
  })
  .refine(({ limits }) => limits.burst >= limits.requestsPerSecond, 'has a burst below requestsPerSecond');
export type TenantEntry = Readonly<z.infer<typeof tenantEntry>>;

/** What is stored under the hosts of a tenant that nobody is let in to. So it keeps them, and their certificates. */
export const closedEntry = z.strictObject({
  version: z.literal(1),
  tenant: slug,
  hosts,
  closed: z.literal(true),
});
export type ClosedEntry = Readonly<z.infer<typeof closedEntry>>;
