import { join } from 'node:path';
import type pg from 'pg';
import { cellCredentials } from '../../data-plane/database/cell-credentials.js';
import { localKeyring } from '../../data-plane/keys/local-keyring.js';
import { rootsOfCells } from '../../data-plane/keys/roots-of-cells.js';
import { tenantKeys } from '../../data-plane/keys/tenant-keys.js';
import type { ObjectStores, Target } from '../../stacks/protocol/provider/dependencies.js';
import { backupSchedules } from '../backups/schedules.js';
import { type Cell, getCell } from '../cells/store.js';
import { copiedKeys, copiedWraps } from '../keys/copied-keys.js';
import type { Project } from '../project/project.js';
import { refuseInhabited } from '../tenants/inhabited.js';
import { awsTarget } from './aws-target.js';
import type { CellHost } from './cell-host.js';
import { localTarget } from './local-target.js';

/**
 * The cells of a project, wherever each of them lives: this is the one place that looks at a cell's target. Root keys,
 * credentials of applications and schedules are the project's own in any case.
 */
export const openTargets = (options: {
  readonly project: Project;
  readonly control: pg.Pool;
  readonly env: NodeJS.ProcessEnv;
  readonly objects: ObjectStores;
  readonly reached: (point: string) => void;
  /** Told what is waited for. */
  readonly onProgress: (line: string) => void;
}): Target => {
  const { project, control, env, objects, reached, onProgress } = options;
  const keyring = localKeyring(join(project.home, 'keyring'));
  const keyRoot = rootsOfCells(async () => keyring, [keyring]);
  const cellDir = (cell: string): string => join(project.home, 'cells', cell);
  const hosts: Readonly<Record<Cell['target'], CellHost>> = {
    local: localTarget(cellDir, reached),
    aws: awsTarget(cellDir, env, reached, onProgress),
  };
  const on = async <T>(name: string, ask: (host: CellHost, cell: Cell) => T): Promise<Awaited<T>> => {
    const cell = await getCell(control, name);
    return await ask(hosts[cell.target], cell);
  };
  return {
    cellDir,
    adminConnection: (name) => on(name, (host, cell) => host.adminConnection(cell)),
    server: (name) => on(name, (host, cell) => host.server(cell)),
    credentials: (cell) => cellCredentials(cellDir(cell)),
    keyRoot,
    tenantKeys: tenantKeys({ root: keyRoot, store: copiedKeys(control, objects) }),
    keyWraps: copiedWraps(control, objects),
    rootKeyId: async (cell) =>
      (await getCell(control, cell)).rootKeyId ?? keyRoot.ensureRoot(cell, { mayCreate: false }),
    hadRootKey: async (cell) => (await getCell(control, cell)).rootKeyId !== null,
    refuseInhabited: (cell) => refuseInhabited(control, cell),
    schedules: backupSchedules(control),
    objects,
    history: (name) => on(name, (host, cell) => host.history(cell)),
    reached,
  };
};
