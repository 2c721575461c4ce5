import { z } from 'zod';
import { REGION_NAMES, RESIDENCIES } from '../core/regions.js';
import { SIZES } from '../core/sizes.js';
import { clinic } from './clinic.js';
import { edge } from './edge.js';
import { features } from './features.js';
import { backup, keys, sla } from './operations.js';
import { PLANS } from './plans.js';
import { email, hostname, line, locale, phone, section, slug } from './primitives.js';
import { quotaOverrides } from './quotas.js';
import { security, sqlLogin } from './security.js';

export const TENANT_TYPES = ['solo', 'multi-branch', 'hospital'] as const;
export const TIERS = ['shared', 'dedicated'] as const;

/** The form of every value, without the rules across them. */
export const tenantShape = section({
  slug: slug.describe('Name of the tenant and of its file. It never changes.'),
  legalName: line().describe('The legal entity that buys the service.'),
  type: z.enum(TENANT_TYPES),
  tier: z.enum(TIERS).default('shared'),
  residency: z
    .enum(RESIDENCIES)
    .default('eu')
    .describe('Where rows, backups and keys may be: eu, a country, or any.'),
  region: z.enum(REGION_NAMES).optional().describe('AWS region; the first one that the residency allows.'),
  cell: slug.optional().describe('Name of an existing cell, instead of a region.'),
  size: z
    .enum(SIZES)
    .optional()
    .describe(
      'Size class of the dedicated cell; small when left out. A shared cell is resized by its operator.',
    ),
  plan: z.enum(PLANS).default('starter'),
  features,
  sla,
  quotas: quotaOverrides,
  edge: edge.describe('Limits that only the edge enforces; what is left out comes from the plan.'),
  backup,
  keys,
  security,
  sqlLogin,
  admin: section({
    name: line(),
    email,
    phone: phone.nullable().default(null),
    locale: locale.default('es-ES'),
  }).describe('The first user, an administrator.'),
  domain: hostname.nullable().default(null).describe("The tenant's own host name."),
  clinics: z.array(clinic).min(1, 'is empty; allowed: at least one clinic').max(1_000),
});

/** A tenant whose every value is of the right form, before defaults that depend on other values. */
export type CheckedTenant = z.output<typeof tenantShape>;
