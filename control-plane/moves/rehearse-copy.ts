import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { type Connection, withConnection } from '../../data-plane/database/connect.js';
import type { ScratchCell } from '../../data-plane/database/server/scratch-cell.js';
import { keepStreamPassword } from '../../data-plane/database/server/stream-password.js';
import { readTenantTables } from '../../data-plane/database/tenant-tables.js';
import { compareChanges } from '../../data-plane/moves/compare-changes.js';
import { copyRows } from '../../data-plane/moves/copy-rows.js';
import { type MoveRun, setMoveWork, takeOverCell } from '../../data-plane/moves/move-run.js';
import { openStream } from '../../data-plane/moves/open-stream.js';
import { clinicsIn, streamedTables } from '../../data-plane/moves/publication.js';
import { readyForStreams } from '../../data-plane/moves/ready-for-streams.js';
import { refuseUnstreamable } from '../../data-plane/moves/same-schema.js';
import { streamLogin, streamNames } from '../../data-plane/moves/stream-names.js';
import { putStreamReader } from '../../data-plane/moves/stream-reader.js';
import { subscribe } from '../../data-plane/moves/subscription.js';
import { switchHome } from '../../data-plane/moves/switch-home.js';
import type { Runtime } from '../runtime.js';
import type { RegisteredTenant } from '../tenants/store.js';
import type { MoveLimits } from './moving.js';
import { openFence } from './open-fence.js';
import { reopenSource } from './reopen-source.js';
import { conninfo } from './streams.js';

/** What a rehearsal measured. */
export interface RehearsedCopy {
  readonly rows: number;
  readonly bytes: number;
  readonly copyMs: number;
  readonly compareMs: number;
  /** How long the tenant's requests waited. */
  readonly pauseMs: number;
  readonly drainMs: number;
  readonly arriveMs: number;
  /** Tables of the application that an empty cell has not: they were left out, and the destination needs them. */
  readonly leftOut: readonly string[];
}

interface RehearsalScene {
  readonly tenant: RegisteredTenant;
  readonly run: MoveRun;
  readonly scratch: ScratchCell;
  /** Folder of the scratch server. */
  readonly dir: string;
  readonly how: MoveLimits;
}

const SLOT_WAIT_MS = 600_000;
const CATCH_UP_MS = 600_000;
const ARRIVE_MS = 30_000;

/** Thrown in the place of the flip. */
class Rehearsed extends Error {}

/** Does with the rows what a move does, up to the flip. Whoever calls it takes away what it has made. */
export const rehearseCopy = async (runtime: Runtime, scene: RehearsalScene): Promise<RehearsedCopy> => {
  const { tenant, run, scratch, how } = scene;
  const admin = await runtime.target.adminConnection(tenant.cell);
  const name = streamNames(run, 'there');
  return withConnection({ ...admin, pipeline: true }, (source) =>
    withConnection({ ...scratch.admin, pipeline: true }, async (destination) => {
      await takeOverCell(destination, run);
      await readyForStreams(source, tenant.cell);
      await refuseUnstreamable(source);
      await setMoveWork(source, run, { underWay: true, tracks: true, locksSchema: true });
      const all = await streamedTables(source, {
        tenantId: tenant.id,
        clinicIds: await clinicsIn(source, tenant.id),
      });
      const there = new Set((await readTenantTables(destination)).map(({ quoted }) => quoted));
      const isApplications = ({ quoted }: (typeof all)[number]): boolean =>
        !there.has(quoted) && !/^ringfence/.test(quoted);
      const tables = all.filter((table) => !isApplications(table));
      const published = { name: name.slot, tenantId: tenant.id, tables };
      const slot = await openStream(admin, source, published, { waitMs: SLOT_WAIT_MS });
      const copied = await copyRows(admin, scratch.admin, tables, {
        run,
        snapshot: slot.snapshot,
        bytesPerSecond: how.copyBytesPerSecond,
      }).finally(slot.close);
      runtime.reached('rehearsal-copied');
      await beginRehearsedStream(source, destination, scene, admin);
      const compared = await compareChanges(source, destination, run, {
        seen: copied.seen,
        waitMs: CATCH_UP_MS,
      });
      const switched = await tryToSwitch(
        runtime,
        { source, destination },
        scene,
        compared?.seen ?? copied.seen,
      );
      return {
        rows: copied.tables.reduce((sum, { rows }) => sum + rows, 0),
        bytes: copied.tables.reduce((sum, { bytes }) => sum + bytes, 0),
        copyMs: copied.copyMs,
        compareMs: copied.compareMs,
        ...switched,
        leftOut: all.filter(isApplications).map(({ quoted }) => quoted),
      };
    }),
  );
};

const beginRehearsedStream = async (
  source: pg.Client,
  destination: pg.Client,
  { run, dir }: RehearsalScene,
  admin: Connection,
): Promise<void> => {
  const login = { user: streamLogin(run.moveId), password: randomBytes(24).toString('base64url') };
  await putStreamReader(source, { ...login, group: null });
  const passfile = keepStreamPassword(dir, login.user, login);
  await subscribe(destination, run, streamNames(run, 'there'), {
    conninfo: conninfo(admin, login.user, passfile),
    enabled: true,
  });
};

/** Fences the tenant, as a move does, and opens it again where a move would flip. */
const tryToSwitch = async (
  runtime: Runtime,
  clients: { readonly source: pg.Client; readonly destination: pg.Client },
  { tenant, run, how }: RehearsalScene,
  seen: number,
): Promise<Pick<RehearsedCopy, 'pauseMs' | 'drainMs' | 'arriveMs'>> => {
  const times: Record<string, number> = {};
  const note = (point: string): void => {
    times[point] ??= performance.now();
    if (point === 'fenced') runtime.reached('rehearsal-fenced');
  };
  const startedMs = performance.now();
  await switchHome(clients, run, {
    epoch: 1,
    seen,
    drainMs: how.drainMs,
    arriveMs: ARRIVE_MS,
    tries: 1,
    retryMs: 0,
    reopen: () => reopenSource(runtime, run, tenant.cell),
    reached: note,
    flip: async () => {
      throw new Rehearsed();
    },
  }).catch((error: unknown) => {
    if (!(error instanceof Rehearsed)) throw error;
  });
  await openFence(runtime, clients.source, run);
  const pauseMs = performance.now() - startedMs;
  const arrivedMs = times.arrived ?? startedMs;
  const fencedMs = times.fenced ?? startedMs;
  return { pauseMs, drainMs: fencedMs - startedMs, arriveMs: arrivedMs - fencedMs };
};
