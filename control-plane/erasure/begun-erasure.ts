import type { Runtime } from '../runtime.js';
import { findOpenErasure } from '../tenants/erasures.js';
import { isErased } from '../tenants/is-erased.js';
import { refuseOpenErasure } from '../tenants/open-erasure.js';

/** Whether an erasure of this slug runs, is due, or was done: then it is carried out, and not asked for. */
export const isErasureBegun = async (runtime: Runtime, slug: string): Promise<boolean> => {
  const open = await findOpenErasure(runtime.control, slug);
  if (!open) return isErased(runtime.control, slug);
  return open.state === 'running' || (open.useStoppedAt !== null && open.dueAt <= runtime.now());
};

/**
 * The reason of a request that was broken off, which is taken up again; undefined where there is none.
 * @throws RingfenceError `conflict` for one that waits.
 */
export const brokenOffReason = async ({ control }: Runtime, slug: string): Promise<string | undefined> => {
  const open = await findOpenErasure(control, slug);
  if (open?.useStoppedAt) await refuseOpenErasure(control, slug);
  return open?.reason;
};
