import { z } from 'zod';
import type { Plan } from './plans.js';
import { section } from './primitives.js';

export const FEATURE_PACKAGES = ['basic', 'standard', 'enterprise'] as const;
export type FeaturePackage = (typeof FEATURE_PACKAGES)[number];

export const MODULES = [
  'appointments',
  'patients',
  'conversations',
  'notifications',
  'billing',
  'documents',
  'knowledge-base',
  'analytics',
  'prescriptions',
  'integrations',
  'group-dashboard',
  'purchasing',
  'departments',
  'telemedicine',
] as const;
export type Module = (typeof MODULES)[number];

const BASIC: readonly Module[] = ['appointments', 'patients', 'conversations', 'notifications', 'billing'];
const STANDARD: readonly Module[] = [...BASIC, 'documents', 'knowledge-base', 'analytics', 'prescriptions'];

const PACKAGE_MODULES: Readonly<Record<FeaturePackage, readonly Module[]>> = {
  basic: BASIC,
  standard: STANDARD,
  enterprise: [...STANDARD, 'integrations', 'group-dashboard', 'purchasing', 'departments'],
};

export const PLAN_PACKAGE: Readonly<Record<Plan, FeaturePackage>> = {
  starter: 'basic',
  growth: 'standard',
  pro: 'standard',
  enterprise: 'enterprise',
};

export const features = section({
  package: z.enum(FEATURE_PACKAGES).optional().describe('Comes from the plan when left out.'),
  modules: z
    .array(z.enum(MODULES))
    .max(MODULES.length)
    .default([])
    .describe('Added to those of the package.'),
}).prefault({});

/** Every module that is switched on: those of the package and the extra ones, in a fixed order. */
export function enabledModules(chosen: { package: FeaturePackage; modules: readonly Module[] }): Module[] {
  const on = new Set<Module>([...PACKAGE_MODULES[chosen.package], ...chosen.modules]);
  return MODULES.filter((module) => on.has(module));
}
