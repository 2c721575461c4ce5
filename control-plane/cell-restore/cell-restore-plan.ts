import { type ErrorCode, RingfenceError } from '../../core/errors.js';
import { chooseRecovery } from '../../data-plane/backup/cell/choose-recovery.js';
import { placeOfData } from '../../data-plane/database/server/data-owner.js';
import { targetOf } from '../../targets/index.js';
import { getCell } from '../cells/store.js';
import type { Runtime } from '../runtime.js';
import { lostTenants, tenantsOf } from './lost-tenants.js';
import { refuseOpenMoves } from './refuse-open-moves.js';

/**
 * The way to bring a cell back. `history`: out of its base backups and archived WAL. `archives`: a new, empty cell takes
 * its tenants from their own backups. `tenants`: the cell is there, and gets back the tenants that it lacks.
 */
export interface CellRestorePlan {
  readonly cell: string;
  readonly way: 'history' | 'archives' | 'tenants';
  /** Null for the end of what there is. */
  readonly to: Date | null;
  /** The cell works now, so going back gives something up. */
  readonly isThere: boolean;
  /** Registered tenants that are concerned, by slug. */
  readonly tenants: readonly string[];
}

/** The reason why the server cannot be asked, other than the loss of its data. */
const PASSING: readonly ErrorCode[] = [
  'port_taken',
  'disk_full',
  'permission_denied',
  'conflict',
  'config_invalid',
];

/**
 * Finds out what can be done. Starts a stopped server; changes nothing else.
 * @throws RingfenceError `usage` for a cell whose provider restores its server, and for one that lacks nothing; `conflict` for a lost
 * one whose replica is there, and for one that works and is an end of a move; as chooseRecovery.
 */
export const planCellRestore = async (
  runtime: Runtime,
  name: string,
  to?: Date,
): Promise<CellRestorePlan> => {
  const { provider, restoredBy } = targetOf(await getCell(runtime.control, name));
  if (restoredBy !== null) {
    throw new RingfenceError('usage', `cell ${name} is on ${provider}, which restores its servers itself`, {
      fix: `restore one tenant with \`ringfence backups restore <tenant> --to <time>\`, or the server in ${restoredBy}`,
    });
  }
  const tenants = (await tenantsOf(runtime, name)).map(({ slug }) => slug);
  const lost = await lostIfThere(runtime, name);
  const plan = { cell: name, to: to ?? null, isThere: lost !== undefined, tenants };
  if (to === undefined && lost?.length === 0) {
    throw new RingfenceError('usage', `cell ${name} is there, with all of its tenants`, {
      fix: 'to take all of it back to an earlier time, add --to <time>; for one tenant: `ringfence backups restore <tenant> --to <time>`',
    });
  }
  if (lost) await refuseOpenMoves(runtime, name);
  if (to === undefined && lost) return { ...plan, way: 'tenants', tenants: lost };
  if (to === undefined) await refuseWithReplica(runtime, name);
  return { ...plan, way: await wayBack(runtime, name, to) };
};

/** A replica has more than the archive, and a restored cell makes another one. */
const refuseWithReplica = async (runtime: Runtime, name: string): Promise<void> => {
  if ((await (await runtime.target.server(name)).replica()) === undefined) return;
  throw new RingfenceError('conflict', `cell ${name} has a replica, which has more than its archived WAL`, {
    fix: `let the replica take over: \`ringfence cells failover ${name}\``,
  });
};

const wayBack = async (
  runtime: Runtime,
  cell: string,
  to: Date | undefined,
): Promise<'history' | 'archives'> => {
  try {
    chooseRecovery(placeOfData(runtime.target.cellDir(cell)), to, runtime.now());
    return 'history';
  } catch (error) {
    const isGone = error instanceof RingfenceError && error.code === 'backup_not_found';
    if (!isGone || to !== undefined) throw error;
    return 'archives';
  }
};

/** Undefined where the cell cannot be worked with. */
const lostIfThere = async (runtime: Runtime, cell: string): Promise<string[] | undefined> => {
  try {
    return await lostTenants(runtime, cell);
  } catch (error) {
    if (!(error instanceof RingfenceError) || PASSING.includes(error.code)) throw error;
    return undefined;
  }
};
