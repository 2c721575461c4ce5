import { edgeWorker } from './edge-worker.js';

export { TenantLimits } from './tenant-limits.js';

/** The Worker as it is deployed. The same name in two jurisdictions is two objects. */
export default edgeWorker(({ LIMITS }, { tenant, jurisdiction }) =>
  (jurisdiction === null ? LIMITS : LIMITS.jurisdiction(jurisdiction)).getByName(tenant),
);
