import { withConnection } from '../../data-plane/database/connect.js';
import { lastAttempt, type MoveRun, takeOverCell } from '../../data-plane/moves/move-run.js';
import type { LoadedManifest } from '../../manifest/index.js';
import { tenantStack } from '../../stacks/names.js';
import { listBackups } from '../backups/store.js';
import { forgetResourcesIn } from '../engine/run/stack-run.js';
import { redeploy } from '../provisioning/redeploy.js';
import type { Runtime } from '../runtime.js';
import type { RegisteredTenant } from '../tenants/store.js';

/** Has a cell refuse what earlier runs still want to do to a tenant there. Where nothing of it is, there is nothing to claim. */
export const claimCell = async (
  { target }: Runtime,
  { id }: Pick<RegisteredTenant, 'id'>,
  cell: string,
  operation: string,
): Promise<MoveRun> =>
  withConnection(await target.adminConnection(cell), async (client) => {
    const run = { tenantId: id, moveId: operation, attempt: 1 + (await lastAttempt(client, id)) };
    const { rowCount } = await client.query('SELECT FROM ringfence.tenants WHERE id = $1', [id]);
    if (rowCount === 1) await takeOverCell(client, run);
    return run;
  });

/** Drops the wraps of a tenant's key under a cell's root, unless backups there need them. Idempotent. */
export const dropWraps = async (
  { control, target }: Runtime,
  { id }: Pick<RegisteredTenant, 'id'>,
  cell: string,
): Promise<void> => {
  if ((await listBackups(control, id)).some((backup) => backup.cell === cell)) return;
  await target.keyWraps.drop(id, await target.rootKeyId(cell));
};

/** Takes a cell out of a tenant's stack: the engine forgets what was in it, and deploys the rest. Idempotent. */
export const deployWithout = async (
  runtime: Runtime,
  tenant: RegisteredTenant,
  manifest: LoadedManifest,
  {
    cell,
    operation,
    recover,
  }: { readonly cell: string; readonly operation: string; readonly recover: boolean },
): Promise<void> => {
  await forgetResourcesIn(await runtime.stackRunner(), tenantStack(tenant.slug), cell, { recover });
  const placements = tenant.placements.filter((placement) => placement.cell !== cell);
  await redeploy(runtime, { ...tenant, placements }, manifest, operation);
};
