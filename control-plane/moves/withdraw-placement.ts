import { type LoadedManifest, RingfenceError } from '../../manifest/index.js';
import { tenantStack } from '../../stacks/names.js';
import { listBackups } from '../backups/store.js';
import { wakeCell } from '../cells/cells-up.js';
import { forgetResourcesIn } from '../engine/run/stack-run.js';
import { runOperation } from '../operation/run-operation.js';
import type { OperationTable } from '../operation/step.js';
import { redeploy } from '../provisioning/redeploy.js';
import { type InCell, lookAtTenant, takeOut } from '../removal/take-out.js';
import type { Runtime } from '../runtime.js';
import { enterPlacementState } from '../tenants/placements.js';
import { getTenant, type RegisteredTenant } from '../tenants/store.js';
import { withTenant } from '../tenants/tenant-lock.js';
import { manifestOf } from './add-placement.js';

interface Request {
  readonly slug: string;
  readonly cell: string;
}

interface Withdrawing {
  readonly tenant: RegisteredTenant;
  readonly manifest: LoadedManifest;
  readonly cell: string;
}

export const WITHDRAW_PLACEMENT: OperationTable<Request, Withdrawing> = {
  kind: 'withdraw-placement',
  prepare: {
    run: async (runtime, { slug, cell }) => {
      const tenant = await getFurtherPlacement(runtime, slug, cell);
      await wakeCell(runtime, cell);
      return { tenant, manifest: await manifestOf(runtime, slug), cell };
    },
  },
  steps: [
    {
      name: 'rows',
      points: ['tenant-withdrawn'],
      run: (runtime, { tenant, cell }) => takeOut(runtime, tenant, cell),
    },
    {
      name: 'key',
      run: async ({ control, target }, { tenant, cell }) => {
        if ((await listBackups(control, tenant.id)).some((backup) => backup.cell === cell)) return;
        await target.keyWraps.drop(tenant.id, await target.rootKeyId(cell));
      },
    },
    {
      name: 'stack',
      run: async (runtime, { tenant, cell }, { recover }) =>
        forgetResourcesIn(await runtime.stackRunner(), tenantStack(tenant.slug), cell, { recover }),
    },
    {
      name: 'deploy',
      run: (runtime, { tenant, manifest, cell }, { id }) => {
        const placements = tenant.placements.filter((placement) => placement.cell !== cell);
        return redeploy(runtime, { ...tenant, placements }, manifest, id);
      },
    },
  ],
  conclude: (_runtime, { tenant, cell }, client) => enterPlacementState(client, tenant.id, cell, 'left'),
};

/**
 * Counts the tenant's rows in the cell, for the person who confirms the withdrawal. @throws RingfenceError as
 * `withdrawPlacement`.
 */
export const planWithdrawal = async (runtime: Runtime, { slug, cell }: Request): Promise<InCell> => {
  const tenant = await getFurtherPlacement(runtime, slug, cell);
  await wakeCell(runtime, cell);
  return lookAtTenant(runtime, tenant, cell);
};

/**
 * Takes a tenant out of a cell that is not its home: rows, enrolment, login and quota there. Its key stays wrapped under that
 * cell's root while backups lie there, because they need it.
 * @throws RingfenceError `conflict` for its home, and where it has nothing in the cell; `removal_incomplete`.
 */
export const withdrawPlacement = (
  runtime: Runtime,
  request: Request,
  onStep?: (step: string) => void,
): Promise<RegisteredTenant> =>
  withTenant(runtime, request.slug, async () => {
    await runOperation(runtime, WITHDRAW_PLACEMENT, request, onStep);
    return getTenant(runtime.control, request.slug);
  });

const getFurtherPlacement = async (
  { control }: Runtime,
  slug: string,
  cell: string,
): Promise<RegisteredTenant> => {
  const tenant = await getTenant(control, slug);
  const state = tenant.placements.find((placement) => placement.cell === cell)?.state;
  if (state === 'arriving' || state === 'leaving') return tenant;
  if (state === 'home')
    throw new RingfenceError('conflict', `tenant ${slug} is at home in cell ${cell}`, {
      fix: `\`ringfence tenants remove ${slug}\` takes it away, after a last backup`,
    });
  throw new RingfenceError('conflict', `tenant ${slug} has nothing in cell ${cell}`, {
    fix: `see \`ringfence placements list ${slug}\``,
  });
};
