/** What a project of a user's imports, and what the folders above import of the vocabulary. */
export { type ErrorCode, EXIT_STATUS, RingfenceError } from './errors.js';
export { VERTICALS, type Vertical } from './manifest/dimensions/compliance.js';
export {
  enabledModules,
  FEATURE_PACKAGES,
  type FeaturePackage,
  MODULES,
  type Module,
} from './manifest/features.js';
export { hashTenant } from './manifest/hash.js';
export { type LoadedManifest, loadManifest } from './manifest/load.js';
export { type LoadedManifests, loadManifests } from './manifest/load-all.js';
export { checkTenant, defineTenant, type ParsedTenant, parseTenant } from './manifest/parse.js';
export { PLANS, type Plan, type Quotas } from './manifest/plans.js';
export { formatPath, type Problem } from './manifest/problems.js';
export {
  type Clinic,
  TENANT_TYPES,
  type Tenant,
  type TenantInput,
  TIERS,
  tenantSchema,
} from './manifest/tenant.js';
export { writeManifest } from './manifest/write.js';
export * from './vocabulary/ids.js';
export * from './vocabulary/lifecycle.js';
export * from './vocabulary/regions.js';
