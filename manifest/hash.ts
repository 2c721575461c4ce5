import { createHash } from 'node:crypto';
import type { Tenant } from './tenant.js';

/**
 * SHA-256, in hexadecimal, of the canonical JSON of a tenant: keys sorted, no white space. Comments and
 * the order of keys do not change it; every resolved value does.
 */
export const hashTenant = (tenant: Tenant): string =>
  createHash('sha256').update(canonicalJson(tenant)).digest('hex');

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, nested: unknown) =>
    nested !== null && typeof nested === 'object' && !Array.isArray(nested)
      ? Object.fromEntries(Object.entries(nested).sort(([a], [b]) => (a < b ? -1 : 1)))
      : nested,
  );
}
