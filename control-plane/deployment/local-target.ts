import { join } from 'node:path';
import type pg from 'pg';
import { localHistory } from '../../data-plane/backup/cell/local-history.js';
import { cellCredentials } from '../../data-plane/database/cell-credentials.js';
import type { Connection } from '../../data-plane/database/connect.js';
import { runningLocalServer } from '../../data-plane/database/server/local-server.js';
import { localKeyring } from '../../data-plane/keys/local-keyring.js';
import { tenantKeys } from '../../data-plane/keys/tenant-keys.js';
import { CELL_DATABASE } from '../../stacks/names.js';
import type { ObjectStores, Target } from '../../stacks/provider/dependencies.js';
import { RingfenceError } from '../../tenants/errors.js';
import type { Project } from '../project.js';
import { backupSchedules } from '../registry/backup-schedules.js';
import { getCell } from '../registry/cells.js';
import { wrappedKeys } from '../registry/wrapped-keys.js';

/** The local target: cells and root keys are folders of the project. */
export const localTarget = (
  project: Project,
  control: pg.Pool,
  objects: ObjectStores,
  reached: (point: string) => void,
): Target => {
  const keyRoot = localKeyring(join(project.home, 'keyring'));
  const cellDir = (cell: string): string => join(project.home, 'cells', cell);
  const adminConnection = async (cell: string): Promise<Connection> => {
    const server = runningLocalServer(cellDir(cell));
    if (!server) {
      throw new RingfenceError('database_unavailable', `the Postgres of cell ${cell} is not running`, {
        fix: `run \`ringfence cells up ${cell}\`; nothing that was committed is lost`,
      });
    }
    return { ...server, database: CELL_DATABASE };
  };
  return {
    cellDir,
    adminConnection,
    credentials: (cell) => cellCredentials(cellDir(cell)),
    keyRoot,
    tenantKeys: tenantKeys({ root: keyRoot, store: wrappedKeys(control) }),
    rootKeyId: async (cell) =>
      (await getCell(control, cell)).rootKeyId ?? keyRoot.ensureRoot(cell, { mayCreate: false }),
    schedules: backupSchedules(control),
    objects,
    history: (cell) => localHistory({ dir: cellDir(cell), connect: () => adminConnection(cell), reached }),
    reached,
  };
};
