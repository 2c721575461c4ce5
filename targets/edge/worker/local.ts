import { edgeWorker } from './edge-worker.js';
import type { ObjectOf } from './environment.js';
import { TenantLimits as DeployedLimits } from './tenant-limits.js';

const ANYWHERE = 'anywhere';

/** The runtime on one's own machine has no jurisdictions, so they are part of the name here. It still reports none. */
export class TenantLimits extends DeployedLimits {
  protected override get tenant(): string {
    return super.tenant.replace(/^[^:]*:/, '');
  }

  protected override isIn(jurisdiction: 'eu' | null): boolean {
    return super.tenant.startsWith(`${jurisdiction ?? ANYWHERE}:`);
  }
}

export const localObject: ObjectOf = ({ LIMITS }, { tenant, jurisdiction }) =>
  LIMITS.getByName(`${jurisdiction ?? ANYWHERE}:${tenant}`);

/** The Worker of `ringfence edge dev`. */
export default edgeWorker(localObject);
