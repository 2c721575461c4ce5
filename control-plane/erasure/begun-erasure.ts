import type { Runtime } from '../runtime.js';
import { findOpenErasure } from '../tenants/erasures.js';
import { refuseOpenErasure } from '../tenants/open-erasure.js';
import { isErased } from '../tenants/state-of.js';

/** Says whether an erasure of this slug runs, is due, or was done. The command then carries it out instead of asking for it. */
export const isErasureBegun = async (runtime: Runtime, slug: string): Promise<boolean> => {
  const open = await findOpenErasure(runtime.control, slug);
  if (!open) return isErased(runtime.control, slug);
  return open.state === 'running' || (open.useStoppedAt !== null && open.dueAt <= runtime.now());
};

/**
 * The reason of an interrupted request, which is taken up again; undefined without one.
 * @throws RingfenceError `conflict` for a request that waits.
 */
export const brokenOffReason = async ({ control }: Runtime, slug: string): Promise<string | undefined> => {
  const open = await findOpenErasure(control, slug);
  if (open?.useStoppedAt) await refuseOpenErasure(control, slug);
  return open?.reason;
};
