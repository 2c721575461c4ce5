import { RingfenceError } from '../../manifest/index.js';
import { backUpAndVerify } from '../backups/backup-tenant.js';
import { bringCellUp, ensureCell } from '../cells/cells-up.js';
import { mendCell } from '../cells/repair-cell.js';
import { getCell } from '../cells/store.js';
import { withPlaces } from '../cells/with-places.js';
import { refuseKeysAbroad } from '../keys/refuse-keys-abroad.js';
import { runOperation } from '../operation/run-operation.js';
import type { OperationTable, Step } from '../operation/step.js';
import { withLock } from '../project/lock.js';
import { refuseArrival } from '../provisioning/judge-arrival.js';
import { redeploy } from '../provisioning/redeploy.js';
import type { Runtime } from '../runtime.js';
import { refuseOpenErasure } from '../tenants/open-erasure.js';
import { recordPlacement } from '../tenants/placements.js';
import { getTenant } from '../tenants/store.js';
import { withTenant } from '../tenants/tenant-lock.js';
import { adoptFlip } from './adopt-flip.js';
import { copyStep } from './copy-step.js';
import { chooseDestination, type Wish } from './destination.js';
import { followStep } from './follow-step.js';
import { undoCopy, undoDeploy, undoRecord } from './give-up.js';
import { isEnrolledIn } from './look-there.js';
import { manifestIn, manifestOf } from './moved-manifest.js';
import { hasReached, type MoveLimits, type Moving, moveIn, refreshMove, takeOver } from './moving.js';
import { settleStep } from './settle-step.js';
import { changeMove, findMove, findOpenMove, type Move, recordMove, recordWindow } from './store.js';
import { SWITCH_STEP_POINTS, switchStep } from './switch-step.js';

export interface MoveRequest extends Wish, MoveLimits {
  readonly slug: string;
  /** How long the tenant can be brought back with what was written since. */
  readonly windowHours: number;
  readonly onProgress?: (line: string) => void;
}

/** Of a move and of a rollback: everything behind the flip. */
export const afterSwitch: readonly Step<Moving>[] = [
  {
    name: 'settle',
    run: (runtime, moving, { id }) => settleStep(runtime, moving, id),
  },
  {
    name: 'backup',
    run: async (runtime, moving) => {
      const tenant = await getTenant(runtime.control, moving.tenant.slug);
      const backup = await backUpAndVerify(runtime, tenant, { full: true });
      await changeMove(runtime.control, moveIn(moving), moveIn(moving).state, {
        report: { backup: backup.id },
      });
    },
  },
];

/** The rollback window begins. */
export const beginWindow = async (
  runtime: Runtime,
  moving: Moving,
  client: Parameters<NonNullable<OperationTable<unknown, Moving>['conclude']>>[2],
): Promise<void> => {
  const move = moveIn(moving);
  if (hasReached(move, 'window')) return;
  await recordWindow(client, move, runtime.now());
};

export const MOVE: OperationTable<MoveRequest, Moving> = {
  kind: 'move',
  prepare: {
    name: 'cell',
    run: async (runtime, request) => {
      const { control } = runtime;
      const { slug, drainMs, copyBytesPerSecond, mayLose, onProgress = () => undefined } = request;
      const tenant = await getTenant(control, slug);
      const manifest = await manifestOf(runtime, slug);
      const open = await findOpenMove(control, tenant.id);
      if (open) refuseOther(slug, open, request);
      else await refuseOpenErasure(control, slug);
      const cell = open
        ? await getCell(control, open.destination)
        : await withPlaces(control, async () => {
            const wanted = await chooseDestination(runtime, manifest.tenant, tenant, request);
            // Refused before a server is made for it.
            const moved = manifestIn(manifest, wanted);
            await refuseArrival(runtime, { registered: tenant, manifest: moved, cell: wanted });
            return bringCellUp(runtime, { ...wanted, arriving: slug });
          });
      await ensureCell(runtime, { name: cell.name, tier: cell.tier, region: cell.region });
      if (!open) await refuseKeysAbroad(runtime, manifest.tenant, [cell.name]);
      if (!open) await mendCell(runtime, cell.name, () => undefined);
      const how = { drainMs, copyBytesPerSecond, mayLose };
      return {
        tenant,
        manifest: manifestIn(manifest, cell),
        destination: cell.name,
        windowHours: request.windowHours,
        how,
        onProgress,
        move: open,
      };
    },
  },
  steps: [
    {
      name: 'record',
      isQuiet: true,
      run: async ({ control }, moving, { id }) => {
        if (moving.move) return;
        const { tenant } = moving;
        await recordMove(control, {
          id,
          tenantId: tenant.id,
          source: tenant.cell,
          destination: moving.destination,
          windowHours: moving.windowHours,
        });
        moving.move = await findMove(control, id);
        await recordPlacement(control, tenant.id, moving.destination, 'arriving', id);
      },
      undo: undoRecord,
    },
    {
      name: 'deploy',
      points: ['tenant-key-created', 'tenant-enrolled', 'quota-set'],
      run: async (runtime, moving, { id }) => {
        // A destination that came back from an earlier copy may not have the tenant any more.
        if (
          hasReached(moveIn(moving), 'copying') &&
          (await isEnrolledIn(runtime, moveIn(moving), moving.destination))
        )
          return;
        const deployed = await manifestOf(runtime, moving.tenant.slug);
        await redeploy(runtime, await getTenant(runtime.control, moving.tenant.slug), deployed, id);
      },
      undo: undoDeploy,
    },
    {
      name: 'take',
      isQuiet: true,
      run: async (runtime, moving) => {
        moving.move = await adoptFlip(runtime, await takeOver(runtime, moveIn(moving)));
      },
      undo: async () => undefined,
    },
    {
      name: 'copy',
      points: ['stream-published', 'slot-made', 'table-copied', 'rows-copied', 'stream-begun'],
      run: copyStep,
      undo: undoCopy,
    },
    {
      name: 'follow',
      points: ['caught-up', 'return-slot-made'],
      run: followStep,
      undo: undoCopy,
    },
    { name: 'switch', points: SWITCH_STEP_POINTS, run: switchStep, undo: undoCopy },
    ...afterSwitch,
  ],
  conclude: beginWindow,
};

/**
 * Moves a tenant into another cell while it works: its rows, keys, limits and audit log; its backups stay readable where they are.
 * Goes on with a move that was broken off. The tenant can be brought back until the window ends.
 * @throws RingfenceError `conflict` for a cell that is not for it, and while another move of it is open; `tenant_busy`; `policy_violated` before anything is made; `move_failed`;
 * what the steps throw. Until the flip the tenant works on where it is.
 */
export const moveTenant = (
  runtime: Runtime,
  request: MoveRequest,
  onStep?: (step: string) => void,
): Promise<Move> =>
  withTenant(runtime, request.slug, () =>
    withoutRotation(runtime, request.slug, async () => {
      const moving = await runOperation(runtime, MOVE, request, onStep);
      return refreshMove(runtime, moving);
    }),
  );

/** A rotation of the key writes into the tenant's rows for a while. */
export const withoutRotation = <T>({ control }: Runtime, slug: string, work: () => Promise<T>): Promise<T> =>
  withLock(
    control,
    `keys/${slug}`,
    work,
    () =>
      new RingfenceError('tenant_busy', `a run rotates the key of tenant ${slug}`, {
        fix: 'wait until it ends, then run the command again',
      }),
  );

const refuseOther = (slug: string, open: Move, { to, tier, region }: MoveRequest): void => {
  const isOver = hasReached(open, 'window') || open.state === 'purging';
  if (isOver)
    throw new RingfenceError(
      'conflict',
      `tenant ${slug} has moved from cell ${open.source}, where its rows are kept until ${open.windowEndsAt?.toISOString() ?? 'the window ends'}`,
      {
        fix: `bring it back with \`ringfence operations rollback ${open.id}\`, or end the window with \`ringfence placements withdraw ${slug} ${open.source}\``,
      },
    );
  if (open.isRollback || open.state === 'aborting')
    throw new RingfenceError('conflict', `a move of tenant ${slug} is being taken back`, {
      fix: `go on with it first: see \`ringfence operations list --tenant ${slug}\``,
    });
  const isSame = to === undefined ? tier === undefined && region === undefined : to === open.destination;
  if (isSame || to === undefined) return;
  throw new RingfenceError('conflict', `tenant ${slug} is being moved into cell ${open.destination}`, {
    fix: `go on with it, \`ringfence operations resume ${open.id}\`, or give it up, \`ringfence operations abort ${open.id}\``,
  });
};
