import { withConnection } from '../../data-plane/database/connect.js';
import { tellMoved } from '../../data-plane/moves/tell-moved.js';
import { redeploy } from '../provisioning/redeploy.js';
import type { Runtime } from '../runtime.js';
import { getTenant } from '../tenants/store.js';
import { type Moving, moveIn } from './moving.js';

/** Brings the engine's state, the lead of the key and the tenant's login after the home, and tells the clinics. */
export const settleStep = async (runtime: Runtime, moving: Moving, operation: string): Promise<void> => {
  const { control, target, caller } = runtime;
  const { slug } = moving.tenant;
  const { source, destination, isRollback } = moveIn(moving);
  const tenant = await getTenant(control, slug);
  await redeploy(runtime, tenant, moving.manifest, operation);
  await withConnection(await target.adminConnection(tenant.cell), (client) =>
    tellMoved(client, tenant.id, { operation, from: source, to: destination, isRollback, caller }),
  );
};
