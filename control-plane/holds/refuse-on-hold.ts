import { RingfenceError } from '../../core/errors.js';
import type { OperationKind } from '../operation/kinds.js';
import { noteOperation } from '../operation/store.js';
import type { Runtime } from '../runtime.js';
import { isActive, listHolds } from './store.js';

/**
 * Refuses to erase or remove a tenant on hold, and records the refusal.
 * @throws RingfenceError `erasure_held`, naming every active hold with its reason and end.
 */
export const refuseOnHold = async (
  runtime: Runtime,
  tenant: { readonly tenantId: string; readonly slug: string },
  kind: Extract<OperationKind, 'request-erasure' | 'erase' | 'remove'>,
): Promise<void> => {
  const { tenantId, slug } = tenant;
  const active = (await listHolds(runtime.control, tenantId)).filter((hold) => isActive(hold, runtime.now()));
  if (active.length === 0) return;
  await noteOperation(
    runtime.control,
    { tenantId, slug, kind, caller: runtime.caller },
    { failed: 'erasure_held' },
  );
  const holds = active.map(
    (hold) =>
      `${hold.kind} ${hold.id} (${hold.until ? `until ${hold.until.toISOString()}` : 'without an end'}): ${hold.reason}`,
  );
  throw new RingfenceError(
    'erasure_held',
    `tenant ${slug} may not be ${kind === 'remove' ? 'removed' : 'erased'}: ${holds.join('; ')}`,
    {
      fix: `when that is over: \`ringfence holds release ${slug} ${active[0]?.id} --reason ...\`; to refuse everybody meanwhile: \`ringfence tenants suspend ${slug} --reason ...\``,
    },
  );
};
