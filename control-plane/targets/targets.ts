import type pg from 'pg';
import type { Caller } from '../../core/caller.js';
import { cellCredentials } from '../../data-plane/database/cell-credentials.js';
import { awsKmsRegions } from '../../data-plane/keys/aws-kms-regions.js';
import { customerHeldRoot } from '../../data-plane/keys/customer-held/root.js';
import { rootsOfCells } from '../../data-plane/keys/roots-of-cells.js';
import { tenantKeys } from '../../data-plane/keys/tenant-keys.js';
import type { ObjectStores, Target } from '../../stacks/protocol/provider/dependencies.js';
import { cellDir } from '../../targets/cell-dir.js';
import { DEFAULT_PLACE, TARGET_NAMES, targetOf } from '../../targets/index.js';
import { thisMachine } from '../../targets/machine.js';
import type { CellHost, OpenTarget } from '../../targets/target.js';
import { backupSchedules } from '../backups/schedules.js';
import { type Cell, findCell, getCell, recordRestart } from '../cells/store.js';
import { copiedKeys, copiedWraps } from '../keys/copied-keys.js';
import { customerKeys } from '../keys/customer-key-store.js';
import type { Project } from '../project/project.js';
import { refuseInhabited } from '../tenants/inhabited.js';
import { reachedFrom } from './reached-cell.js';

/** The cells of a project, wherever each of them lives. Credentials of applications and schedules are the project's own in any case. */
export const openTargets = (options: {
  readonly project: Project;
  readonly caller: Caller;
  readonly control: pg.Pool;
  readonly env: NodeJS.ProcessEnv;
  readonly objects: ObjectStores;
  readonly reached: (point: string) => void;
  /** Told what is waited for. */
  readonly onProgress: (line: string) => void;
}): Target => {
  const { project, control, env, objects, reached, onProgress } = options;
  const opened = new Map<string, OpenTarget>();
  const openTarget = (place: Pick<Cell, 'target'>): OpenTarget => {
    const open =
      opened.get(place.target) ?? targetOf(place).open({ home: project.home, env, reached, say: onProgress });
    opened.set(place.target, open);
    return open;
  };
  const server = async (name: string): Promise<CellHost> => {
    const cell = await getCell(control, name);
    return reachedFrom(cell, openTarget(cell).host(cell), options);
  };
  // A recovery needs the root key of a cell before the cell is recorded.
  const keyRootOf: Target['keyRootOf'] = (cell) => openTarget(cell).keyRoot(cell);
  const rootOfCell: Target['rootOfCell'] = async (name) =>
    keyRootOf((await findCell(control, name)) ?? { ...DEFAULT_PLACE, region: '' });
  const keysOfCustomers = customerKeys(control);
  const keyRoot = customerHeldRoot({
    root: rootsOfCells(
      rootOfCell,
      TARGET_NAMES.flatMap((target) => openTarget({ target }).keyRoots),
    ),
    customer: awsKmsRegions().anywhere,
    keyOf: keysOfCustomers.get,
  });
  return {
    cellDir: (cell) => cellDir(project.home, cell),
    adminConnection: async (cell) => (await server(cell)).adminConnection(),
    server,
    credentials: (cell) => cellCredentials(cellDir(project.home, cell)),
    keyRoot,
    keyRootOf,
    rootOfCell,
    customerKeys: keysOfCustomers,
    tenantKeys: tenantKeys({ root: keyRoot, store: copiedKeys(control, objects) }),
    keyWraps: copiedWraps(control, objects),
    rootKeyId: async (cell) =>
      (await getCell(control, cell)).rootKeyId ?? keyRoot.ensureRoot(cell, { mayCreate: false }),
    hadRootKey: async (cell) => (await getCell(control, cell)).rootKeyId !== null,
    refuseInhabited: (cell) => refuseInhabited(control, cell),
    schedules: backupSchedules(control),
    noteRestart: (cell, pauseMs) => recordRestart(control, cell, pauseMs),
    objects,
    machine: () => thisMachine(env),
    history: async (cell) => (await server(cell)).history(),
    reached,
  };
};
