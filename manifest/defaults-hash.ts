import { createHash } from 'node:crypto';
import { RESIDENCIES } from '../core/regions.js';
import { VERTICALS } from './dimensions/compliance.js';
import { hashTenant } from './hash.js';
import { parseTenant } from './parse.js';
import { PLANS } from './plans.js';

/**
 * SHA-256, in hexadecimal, of what this release fills in: a tenant that says the least, under each plan and residency, with a
 * clinic of each vertical. It changes with every default.
 */
export const defaultsHash = (): string => {
  known ??= createHash('sha256')
    .update(PLANS.flatMap((plan) => RESIDENCIES.map((residency) => hashOf({ plan, residency }))).join('\n'))
    .digest('hex');
  return known;
};

let known: string | undefined;

const hashOf = (choice: { plan: (typeof PLANS)[number]; residency: (typeof RESIDENCIES)[number] }): string =>
  hashTenant(
    parseTenant({
      ...choice,
      slug: 'defaults',
      legalName: 'Defaults',
      type: 'hospital',
      admin: { name: 'Nobody', email: 'nobody@defaults.example' },
      clinics: VERTICALS.map((vertical) => ({ slug: vertical, name: vertical, vertical })),
    }),
  );
