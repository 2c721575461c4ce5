import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Tenant } from './tenant.js';

/**
 * SHA-256, in hexadecimal, of a tenant's canonical JSON (RFC 8785). Comments and the order of keys do not change it;
 * every resolved value does.
 */
export const hashTenant = (tenant: Tenant): string =>
  createHash('sha256')
    .update(String(canonicalize(tenant)))
    .digest('hex');
