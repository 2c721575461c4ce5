import type { EdgeDocument } from '../../../targets/edge/document/edge-document.js';
import type { TenantEntry } from '../../../targets/edge/document/tenant-entry.js';
import { LIMITS } from './isolates.js';

export const entry = (
  tenant: string,
  origin: string,
  changes: Partial<Omit<TenantEntry, 'limits'>> & { readonly limits?: Partial<TenantEntry['limits']> } = {},
): TenantEntry => ({
  version: 1,
  tenant,
  revision: 1,
  hosts: [`${tenant}.clinics.example`],
  origin,
  jurisdiction: 'eu',
  ...changes,
  limits: { ...LIMITS, ...changes.limits },
});

export const OPERATOR_HOST = 'edge.clinics.example';

export const documentOf = (...tenants: TenantEntry[]): EdgeDocument => ({
  version: 1,
  operatorHost: OPERATOR_HOST,
  tenants,
  closed: [],
});
