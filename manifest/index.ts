/** What a project of a user's imports, and what the folders above import of the vocabulary. */
export { type ErrorCode, EXIT_STATUS, RingfenceError } from '../core/errors.js';
export * from '../core/ids.js';
export * from '../core/lifecycle.js';
export * from '../core/regions.js';
export { defaultsHash } from './defaults-hash.js';
export { VERTICALS, type Vertical } from './dimensions/compliance.js';
export {
  enabledModules,
  FEATURE_PACKAGES,
  type FeaturePackage,
  MODULES,
  type Module,
} from './features.js';
export { hashTenant } from './hash.js';
export { type LoadedManifest, loadManifest, parseManifest } from './load.js';
export { isManifestName, type LoadedManifests, loadManifests, manifestNames } from './load-all.js';
export { checkTenant, defineTenant, type ParsedTenant, parseTenant } from './parse.js';
export { PLANS, type Plan } from './plans.js';
export { formatPath, type Problem } from './problems.js';
export type { Quotas } from './quotas.js';
export { type Clinic, type Tenant, type TenantInput, tenantSchema } from './tenant.js';
export { TENANT_TYPES, TIERS } from './tenant-shape.js';
export { writeManifest } from './write.js';
