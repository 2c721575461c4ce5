import { type LoadedManifest, RingfenceError } from '../../manifest/index.js';
import { forgottenUntil } from '../cells/cell-history.js';
import { wakeCell } from '../cells/cells-up.js';
import { runOperation } from '../operation/run-operation.js';
import type { OperationTable } from '../operation/step.js';
import { type InCell, lookAtTenant, takeOut } from '../removal/take-out.js';
import type { Runtime } from '../runtime.js';
import { enterPlacementState, inhabitedCells } from '../tenants/placements.js';
import { getTenant, type RegisteredTenant } from '../tenants/store.js';
import { withTenant } from '../tenants/tenant-lock.js';
import { endWindow, findKept } from './end-window.js';
import { claimCell, deployWithout, dropWraps } from './leave-cell.js';
import { manifestOf } from './moved-manifest.js';
import { changeMove } from './store.js';

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
      const { tenant } = await findFurther(runtime, { slug, cell });
      return { tenant, manifest: await manifestOf(runtime, slug), cell };
    },
  },
  steps: [
    {
      name: 'stream',
      run: async (runtime, { tenant, cell }) => {
        const move = await findKept(runtime, tenant, cell);
        if (move) await endWindow(runtime, move);
      },
    },
    {
      name: 'rows',
      points: ['tenant-withdrawn'],
      run: async (runtime, { tenant, cell }, { id }) =>
        takeOut(runtime, tenant, cell, { run: await claimCell(runtime, tenant, cell, id) }),
    },
    {
      name: 'key',
      run: (runtime, { tenant, cell }) => dropWraps(runtime, tenant, cell),
    },
    {
      name: 'stack',
      run: (runtime, { tenant, manifest, cell }, { id, recover }) =>
        deployWithout(runtime, tenant, manifest, { cell, operation: id, recover }),
    },
  ],
  conclude: async (runtime, { tenant, cell }, client) => {
    const move = await findKept(runtime, tenant, cell);
    if (move) {
      const report = { forgottenAt: (await forgottenUntil(runtime, cell)).toISOString() };
      await changeMove(client, move, 'purging', {
        state: 'purged',
        stream: null,
        returnStream: null,
        report,
      });
    }
    if (tenant.placements.some((placement) => placement.cell === cell))
      await enterPlacementState(client, tenant.id, cell, 'left');
  },
};

/**
 * Counts the tenant's rows in the cell, for the person who confirms the withdrawal. @throws RingfenceError as
 * `withdrawPlacement`.
 */
export const planWithdrawal = async (runtime: Runtime, request: Request): Promise<InCell> =>
  (await findFurther(runtime, request)).found;

/**
 * Takes a tenant out of a cell that is not its home: rows, enrolment, login and quota there. Of a cell that it has moved from, this ends
 * the window in which it can be brought back. Its key stays wrapped under that
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

/** What a cell that is not its home has of a tenant. The cell is brought up for it. */
const findFurther = async (
  runtime: Runtime,
  { slug, cell }: Request,
): Promise<{ readonly tenant: RegisteredTenant; readonly found: InCell }> => {
  const tenant = await getTenant(runtime.control, slug);
  if (cell === tenant.cell)
    throw new RingfenceError('conflict', `tenant ${slug} is at home in cell ${cell}`, {
      fix: `\`ringfence tenants remove ${slug}\` takes it away, after a last backup`,
    });
  await wakeCell(runtime, cell);
  const found = await lookAtTenant(runtime, tenant, cell);
  const isPlaced = inhabitedCells(tenant).includes(cell);
  // An earlier copy of a cell may bring back what had left it.
  if (isPlaced || found.isEnrolled || found.total > 0) return { tenant, found };
  throw new RingfenceError('conflict', `tenant ${slug} has nothing in cell ${cell}`, {
    fix: `see \`ringfence placements list ${slug}\``,
  });
};
