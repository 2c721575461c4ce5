import type { TenantKey } from '../../../data-plane/keys/tenant-key.js';
import { canaryId } from '../canary-ids.js';
import type { Stage } from '../stage.js';

/** Two throw-away tenants' keys, the first in two versions, made by the key service of the run. */
export interface RunKeys {
  readonly tenantA: string;
  readonly tenantB: string;
  readonly a: TenantKey;
  readonly newer: TenantKey;
  readonly b: TenantKey;
}

export const runKeys = (stage: Stage): Promise<RunKeys> =>
  stage.once('keys', async () => {
    const { tenantKeys, rootKeyId } = stage.keys;
    const [tenantA, tenantB] = [canaryId(), canaryId()];
    return {
      tenantA,
      tenantB,
      a: await tenantKeys.create(tenantA, rootKeyId, 1),
      newer: await tenantKeys.create(tenantA, rootKeyId, 2),
      b: await tenantKeys.create(tenantB, rootKeyId, 1),
    };
  });
