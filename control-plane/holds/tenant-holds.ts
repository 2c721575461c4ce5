import { RingfenceError } from '../../core/errors.js';
import type { HoldKind } from '../../core/lifecycle.js';
import { noteOperation } from '../operation/store.js';
import type { Runtime } from '../runtime.js';
import { findOpenErasure } from '../tenants/erasures.js';
import { getKnownTenant } from '../tenants/store.js';
import { withTenant } from '../tenants/tenant-lock.js';
import { type Hold, isActive, listHolds, recordHold, recordRelease } from './store.js';

export interface HoldRequest {
  readonly kind: HoldKind;
  readonly reason: string;
  /** Null for a hold without an end. */
  readonly until: Date | null;
}

/**
 * Keeps a tenant, also a removed one, from being erased.
 * @throws RingfenceError `usage` for an end that is over, `conflict` when its erasure has begun.
 */
export const holdTenant = (runtime: Runtime, slug: string, request: HoldRequest): Promise<Hold> =>
  withTenant(runtime, slug, async () => {
    const { control, caller } = runtime;
    const { kind, reason, until } = request;
    if (until && until <= runtime.now())
      throw new RingfenceError('usage', 'a hold that ends in the past holds nothing', {
        fix: 'give a later --until, or none',
      });
    const erasure = await findOpenErasure(control, slug);
    if (erasure?.state === 'running')
      throw new RingfenceError(
        'conflict',
        `the erasure of tenant ${slug} has begun and cannot be held any more`,
      );
    const { id } = await getKnownTenant(control, slug);
    const hold = await recordHold(control, id, {
      kind,
      reason,
      placedBy: caller.who,
      placedAt: runtime.now(),
      until,
    });
    await noteOperation(control, { tenantId: id, slug, kind: 'hold', caller });
    return hold;
  });

/** Newest first, with whether each holds now. */
export const listTenantHolds = async (
  runtime: Runtime,
  slug: string,
): Promise<(Hold & { readonly active: boolean })[]> => {
  const { id } = await getKnownTenant(runtime.control, slug);
  const now = runtime.now();
  return (await listHolds(runtime.control, id)).map((hold) => ({ ...hold, active: isActive(hold, now) }));
};

/** Ends a hold. @throws RingfenceError `hold_not_found`, naming those that can be released. */
export const releaseHold = (
  runtime: Runtime,
  slug: string,
  holdId: string,
  { reason }: Pick<HoldRequest, 'reason'>,
): Promise<Hold> =>
  withTenant(runtime, slug, async () => {
    const { control, caller } = runtime;
    const { id: tenantId } = await getKnownTenant(control, slug);
    const open = (await listHolds(control, tenantId)).filter(({ releasedAt }) => releasedAt === null);
    const hold = open.find(({ id }) => id === holdId || (holdId.length >= 8 && id.startsWith(holdId)));
    if (!hold)
      throw new RingfenceError('hold_not_found', `tenant ${slug} has no hold ${holdId} to release`, {
        fix: open.length > 0 ? `choose from: ${open.map(({ id }) => id).join(', ')}` : 'it has none',
      });
    const released = await recordRelease(control, hold.id, { by: caller.who, at: runtime.now(), reason });
    await noteOperation(control, { tenantId, slug, kind: 'release-hold', caller });
    return released;
  });
