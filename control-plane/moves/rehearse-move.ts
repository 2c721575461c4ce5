import { RingfenceError } from '../../core/errors.js';
import { withConnection } from '../../data-plane/database/connect.js';
import { purgeLocalServer } from '../../data-plane/database/server/local-server.js';
import { inScratchCell, type ScratchCell } from '../../data-plane/database/server/scratch-cell.js';
import { dropStreamPassword } from '../../data-plane/database/server/stream-password.js';
import { enrol } from '../../data-plane/enrolment/enrol.js';
import { readEnrolment } from '../../data-plane/enrolment/read-enrolment.js';
import { lastAttempt, type MoveRun, setMoveWork, takeOverCell } from '../../data-plane/moves/move-run.js';
import { unpublish } from '../../data-plane/moves/publication.js';
import { dropSlots } from '../../data-plane/moves/slot.js';
import { streamLogin, streamPattern } from '../../data-plane/moves/stream-names.js';
import { dropStreamReader } from '../../data-plane/moves/stream-reader.js';
import { targetOf } from '../../targets/index.js';
import type { CellRequest } from '../cells/cells-up.js';
import { type Cell, getCell } from '../cells/store.js';
import { runOperation } from '../operation/run-operation.js';
import type { OperationTable } from '../operation/step.js';
import { withLock } from '../project/lock.js';
import { scratchDir } from '../project/scratch.js';
import { refuseArrival } from '../provisioning/judge-arrival.js';
import type { Runtime } from '../runtime.js';
import { getTenant, type RegisteredTenant } from '../tenants/store.js';
import { withTenant } from '../tenants/tenant-lock.js';
import { chooseDestination, type Wish } from './destination.js';
import { withoutRotation } from './move-tenant.js';
import { manifestIn, manifestOf } from './moved-manifest.js';
import type { MoveLimits } from './moving.js';
import { openFence } from './open-fence.js';
import { type RehearsedCopy, rehearseCopy } from './rehearse-copy.js';

export interface MoveRehearsalRequest extends Wish, MoveLimits {
  readonly slug: string;
}

/** What a move would do and cost, as it was tried. */
export interface MoveRehearsal extends RehearsedCopy {
  readonly slug: string;
  readonly source: string;
  /** May not exist yet. */
  readonly destination: CellRequest;
}

interface Rehearsing {
  readonly tenant: RegisteredTenant;
  readonly destination: CellRequest;
  readonly how: MoveLimits;
  found: RehearsedCopy | undefined;
}

const dirOf = ({ project }: Runtime): string => scratchDir(project, 'move-rehearsal');

/** A rehearsal of a tenant has one name whoever runs it, so that the next run finds what a killed one left. */
const newRun = async (runtime: Runtime, { id, cell }: RegisteredTenant): Promise<MoveRun> =>
  withConnection(await runtime.target.adminConnection(cell), async (client) => {
    const run = { tenantId: id, moveId: id, attempt: 1 + (await lastAttempt(client, id)) };
    await takeOverCell(client, run);
    return run;
  });

/** Opens the tenant where it lives, and takes away everything that a rehearsal has made. Idempotent. */
const cleanUp = async (runtime: Runtime, slug: string): Promise<void> => {
  const tenant = await getTenant(runtime.control, slug);
  const run = await newRun(runtime, tenant);
  const pattern = streamPattern(run.moveId);
  await withConnection(await runtime.target.adminConnection(tenant.cell), async (client) => {
    await openFence(runtime, client, run);
    await setMoveWork(client, run, { underWay: false, tracks: false, locksSchema: false });
    await dropSlots(client, run, pattern);
    await unpublish(client, pattern);
    await dropStreamReader(client, streamLogin(run.moveId));
  });
  dropStreamPassword(dirOf(runtime), streamLogin(run.moveId));
  purgeLocalServer(dirOf(runtime));
};

export const MOVE_REHEARSAL: OperationTable<MoveRehearsalRequest, Rehearsing> = {
  kind: 'rehearse-move',
  prepare: {
    run: async (runtime, { slug, drainMs, copyBytesPerSecond, ...wish }) => {
      const tenant = await getTenant(runtime.control, slug);
      refuseElsewhere(await getCell(runtime.control, tenant.cell));
      const manifest = await manifestOf(runtime, slug);
      const destination = await chooseDestination(runtime, manifest.tenant, tenant, wish);
      const moved = manifestIn(manifest, destination);
      await refuseArrival(runtime, { registered: tenant, manifest: moved, cell: destination });
      return { tenant, destination, how: { drainMs, copyBytesPerSecond }, found: undefined };
    },
  },
  steps: [
    {
      name: 'rehearse',
      points: ['rehearsal-copied', 'rehearsal-fenced'],
      run: async (runtime, rehearsing) => {
        const { tenant, how } = rehearsing;
        await cleanUp(runtime, tenant.slug);
        const run = await newRun(runtime, tenant);
        rehearsing.found = await inScratchCell(dirOf(runtime), async (scratch) => {
          await enrolThere(runtime, tenant, scratch);
          return rehearseCopy(runtime, { tenant, run, scratch, dir: dirOf(runtime), how });
        }).finally(() => cleanUp(runtime, tenant.slug));
      },
      undo: (runtime, { slug }) => cleanUp(runtime, slug),
    },
  ],
};

/** The cell that is thrown away is on this machine. @throws RingfenceError `conflict`. */
const refuseElsewhere = (home: Cell): void => {
  const { isHere, provider } = targetOf(home);
  if (isHere) return;
  throw new RingfenceError(
    'conflict',
    `cell ${home.name} is on ${provider}, and a rehearsal would bring the tenant's rows to this machine`,
    {
      fix: 'move without --rehearse: until the switch the tenant works where it is, `ringfence operations abort` gives the move up, and `--rollback` brings the tenant back',
    },
  );
};

const enrolThere = async (
  { target }: Runtime,
  { id, slug, cell }: RegisteredTenant,
  { admin }: ScratchCell,
): Promise<void> => {
  const found = await withConnection(await target.adminConnection(cell), (client) =>
    readEnrolment(client, id),
  );
  await withConnection(admin, (client) =>
    enrol(client, { tenantId: id, slug, clinics: found?.clinics ?? [] }, { isHome: false }),
  );
};

/**
 * Does all of a move but the flip, against a cell that is thrown away: copies, compares, follows, fences and opens again. The
 * tenant's requests wait as long as they will in the move.
 * @throws RingfenceError as `moveTenant`; `conflict` while another rehearsal runs in this project.
 */
export const rehearseMove = (
  runtime: Runtime,
  request: MoveRehearsalRequest,
  onStep?: (step: string) => void,
): Promise<MoveRehearsal> =>
  withTenant(runtime, request.slug, () =>
    withoutRotation(runtime, request.slug, () =>
      withLock(
        runtime.control,
        'move-rehearsal',
        async () => {
          const { tenant, destination, found } = await runOperation(runtime, MOVE_REHEARSAL, request, onStep);
          if (!found) throw new RingfenceError('internal', 'the rehearsal found nothing');
          return { slug: tenant.slug, source: tenant.cell, destination, ...found };
        },
        () =>
          new RingfenceError('conflict', 'another move is being rehearsed in this project', {
            fix: 'wait until it ends, then run the command again',
          }),
      ),
    ),
  );
