import { RingfenceError } from '../../core/errors.js';
import { ensureCell } from '../cells/cells-up.js';
import { getCell } from '../cells/store.js';
import { getOperation } from '../operation/history.js';
import { runOperation } from '../operation/run-operation.js';
import type { OperationTable } from '../operation/step.js';
import type { Runtime } from '../runtime.js';
import { findTenantById, getTenant, type RegisteredTenant } from '../tenants/store.js';
import { withTenant } from '../tenants/tenant-lock.js';
import { adoptFlip } from './adopt-flip.js';
import { followStep } from './follow-step.js';
import { undoTurn } from './give-up.js';
import { isEnrolledIn } from './look-there.js';
import { afterSwitch, beginWindow, withoutRotation } from './move-tenant.js';
import { manifestIn, manifestOf } from './moved-manifest.js';
import { hasReached, type MoveLimits, type Moving, moveIn, refreshMove, takeOver } from './moving.js';
import type { MoveState } from './states.js';
import { findMove, findOpenMove, type Move, turnMove } from './store.js';
import { SWITCH_STEP_POINTS, switchStep } from './switch-step.js';

export interface RollbackRequest extends Pick<MoveLimits, 'drainMs' | 'mayLose'> {
  readonly slug: string;
  readonly onProgress?: (line: string) => void;
}

export const ROLLBACK: OperationTable<RollbackRequest, Moving> = {
  kind: 'rollback-move',
  prepare: {
    run: async (runtime, { slug, drainMs, mayLose, onProgress = () => undefined }) => {
      const { control } = runtime;
      const tenant = await getTenant(control, slug);
      const move = await findOpenMove(control, tenant.id);
      const isAgain = move?.isRollback === true && !NOT_AGAIN.includes(move.state);
      if (!move || (!isAgain && move.state !== 'window' && move.state !== 'open'))
        throw noWindow(tenant, move);
      if (!isAgain) await requireKept(runtime, tenant, move);
      const cell = await getCell(control, isAgain ? move.destination : move.source);
      const manifest = manifestIn(await manifestOf(runtime, slug), cell);
      const { windowHours } = move;
      return {
        tenant,
        manifest,
        destination: cell.name,
        windowHours,
        how: { drainMs, mayLose },
        onProgress,
        move,
      };
    },
  },
  steps: [
    {
      name: 'cells',
      isQuiet: true,
      run: async (runtime, moving) => {
        const { source, destination } = moveIn(moving);
        for (const name of [source, destination]) {
          const { tier, region } = await getCell(runtime.control, name);
          await ensureCell(runtime, { name, tier, region });
        }
      },
      undo: async () => undefined,
    },
    {
      name: 'turn',
      isQuiet: true,
      run: async (runtime, moving) => {
        const move = moveIn(moving);
        if (!move.isRollback || hasReached(move, 'window')) await turnMove(runtime.control, move);
        moving.move = await adoptFlip(runtime, await takeOver(runtime, await refreshMove(runtime, moving)));
      },
      undo: undoTurn,
    },
    { name: 'follow', points: ['caught-up', 'return-slot-made'], run: followStep, undo: undoTurn },
    { name: 'switch', points: SWITCH_STEP_POINTS, run: switchStep, undo: undoTurn },
    ...afterSwitch,
  ],
  conclude: beginWindow,
};

/**
 * Brings a tenant back to the cell that it moved from, with every write since. Costs the pause of a move. The window goes on, for the
 * other direction.
 * @throws RingfenceError `conflict` where no move of it has its window open; as `moveTenant`.
 */
export const rollbackMove = (
  runtime: Runtime,
  request: RollbackRequest,
  onStep?: (step: string) => void,
): Promise<Move> =>
  withTenant(runtime, request.slug, () =>
    withoutRotation(runtime, request.slug, async () => {
      const moving = await runOperation(runtime, ROLLBACK, request, onStep);
      return refreshMove(runtime, moving);
    }),
  );

/** The tenant that a move by this id, or an operation by this id, has moved. @throws RingfenceError `operation_not_found`. */
export const movedTenant = async ({ control }: Runtime, id: string): Promise<RegisteredTenant> => {
  const tenantId =
    (await findMove(control, id).catch(() => undefined))?.tenantId ??
    (await getOperation(control, id)).tenantId;
  const tenant = await findTenantById(control, tenantId);
  if (tenant) return tenant;
  throw new RingfenceError('operation_not_found', `there is no move ${id}`, {
    fix: 'see `ringfence operations list`',
  });
};

const NOT_AGAIN: readonly MoveState[] = ['window', 'purging', 'aborting'];

/** @throws RingfenceError `conflict` where the control database came back from before the rows were deleted. */
const requireKept = async (runtime: Runtime, { slug }: RegisteredTenant, move: Move): Promise<void> => {
  const { source, destination } = move;
  if (await isEnrolledIn(runtime, move, source)) return;
  throw new RingfenceError(
    'conflict',
    `cell ${source} has nothing of tenant ${slug} any more: its home is ${destination} for good`,
    { fix: `end the window: \`ringfence placements withdraw ${slug} ${source}\`` },
  );
};

const noWindow = ({ slug, cell }: RegisteredTenant, move: Move | undefined): RingfenceError =>
  move === undefined
    ? new RingfenceError(
        'conflict',
        `tenant ${slug} lives in cell ${cell}, and no cell that it was in before keeps its rows`,
        {
          fix: `move it instead: \`ringfence tenants move ${slug} --to <cell>\``,
        },
      )
    : new RingfenceError('conflict', `the move of tenant ${slug} is ${move.state}`, {
        fix: `go on with it, \`ringfence operations resume ${move.id}\`, or give it up, \`ringfence operations abort ${move.id}\``,
      });
