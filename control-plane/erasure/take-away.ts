import { inPooledTransaction } from '../../data-plane/database/connect.js';
import type { endSessions, eraseFromCell } from '../../data-plane/erasure/erase-from-cell.js';
import { tenantStack } from '../../stacks/names.js';
import { waitForAbandonedRun } from '../engine/run/abandoned-run.js';
import { wrappedKeys } from '../keys/store.js';
import type { Runtime } from '../runtime.js';
import { enterState } from '../tenants/enter-state.js';
import { findTenant, forgetTenant } from '../tenants/store.js';
import { eraseStack, removeJobs } from './remains.js';
import { type OpenErasure, subjectOf } from './subject.js';

/** Takes something of a tenant away. Can be repeated, whole or from any point within. */
export type TakeAway = (runtime: Runtime, erasure: OpenErasure) => Promise<void>;

export const inEachCell =
  (work: typeof endSessions | typeof eraseFromCell): TakeAway =>
  async ({ target }, erasure) => {
    for (const cell of erasure.cells) await work(await target.adminConnection(cell), subjectOf(erasure));
  };

/** Removes the engine's knowledge. The next steps remove the things that the engine made. */
export const removeStack: TakeAway = async (runtime, { tenantId, slug }) => {
  const { control, state } = runtime;
  const tenant = await findTenant(control, slug);
  if (tenant?.id === tenantId && tenant.state !== 'removed') await enterState(control, tenantId, 'removing');
  await waitForAbandonedRun(state, tenantStack(slug));
  await eraseStack(runtime, slug);
};

export const destroyKey = async (
  { control, target }: Runtime,
  { tenantId }: Pick<OpenErasure, 'tenantId'>,
): Promise<void> => {
  if ((await wrappedKeys(control).list(tenantId)).length > 0) await target.tenantKeys.destroy(tenantId);
};

export const forgetRoutes = async (
  { control }: Runtime,
  { tenantId, slug }: Pick<OpenErasure, 'tenantId' | 'slug'>,
): Promise<void> => {
  await inPooledTransaction(control, async (client) => {
    await forgetTenant(client, tenantId);
    await removeJobs(client, slug);
  });
};
