import { hashTenant } from './hash.js';
import { checkTenant } from './parse.js';
import type { Tenant } from './tenant.js';

type Group = Record<string, unknown>;

/** The least input that resolves to the same tenant: a key goes when the tenant is the same without it. */
export function minimise(tenant: Tenant): Group {
  const hash = hashTenant(tenant);
  const draft: Group = structuredClone({ ...tenant });
  const same = (): boolean => {
    const result = checkTenant(draft);
    return result.ok && hashTenant(result.tenant) === hash;
  };
  prune(draft, same);
  return draft;
}

/** Whole groups go first, then what is inside the groups and clinics that stay. */
function prune(group: Group, same: () => boolean): void {
  for (const key of Object.keys(group)) {
    const value = group[key];
    const order = Object.entries(group);
    delete group[key];
    if (same()) continue;
    for (const [name, kept] of order) {
      delete group[name];
      group[name] = kept;
    }
    if (key === 'clinics' && Array.isArray(value))
      for (const clinic of value.filter(isGroup)) prune(clinic, same);
    else if (isGroup(value)) prune(value, same);
  }
}

const isGroup = (value: unknown): value is Group =>
  value !== null && typeof value === 'object' && !Array.isArray(value);
