import { RingfenceError } from '../../core/errors.js';
import { localHistory } from '../../data-plane/backup/cell/local-history.js';
import { asAdministrator } from '../../data-plane/database/connect.js';
import { ensureLocalServer, runningLocalServer } from '../../data-plane/database/server/local-server.js';
import { cellLoss, dataLost } from '../../data-plane/database/server/lost-data.js';
import { CELL_DATABASE } from '../../stacks/names.js';
import type { CellHost } from './cell-host.js';
import { localCellServer } from './local-server.js';

/** Cells as folders of the project, each with a Postgres of its own. */
export const localTarget = (
  cellDir: (cell: string) => string,
  reached: (point: string) => void,
): CellHost => {
  /** A server that was stopped or killed is started: a command that needs its cell need not be told to bring it up. */
  const adminConnection: CellHost['adminConnection'] = async (cell) => {
    const { name } = cell;
    const dir = cellDir(name);
    const running = runningLocalServer(dir);
    if (running) return asAdministrator({ ...running, database: CELL_DATABASE });
    const state = await localCellServer(dir, cell).state();
    if (state === 'lost') throw dataLost(dir, cellLoss(name));
    if (state === 'absent') {
      throw new RingfenceError('database_unavailable', `cell ${name} has no Postgres on this machine`, {
        fix: `bring it up with \`ringfence cells up ${name}\``,
      });
    }
    return asAdministrator({ ...(await ensureLocalServer(dir)), database: CELL_DATABASE });
  };
  return {
    adminConnection,
    server: (cell) => localCellServer(cellDir(cell.name), cell),
    history: (cell) =>
      localHistory({ dir: cellDir(cell.name), connect: () => adminConnection(cell), reached }),
  };
};
