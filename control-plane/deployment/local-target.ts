import { localHistory } from '../../data-plane/backup/cell/local-history.js';
import { asAdministrator } from '../../data-plane/database/connect.js';
import { runningLocalServer } from '../../data-plane/database/server/local-server.js';
import { CELL_DATABASE } from '../../stacks/names.js';
import { RingfenceError } from '../../tenants/errors.js';
import { localCellServer } from './local-server.js';
import type { CellHost } from './targets.js';

/** Cells as folders of the project, each with a Postgres of its own. */
export const localTarget = (
  cellDir: (cell: string) => string,
  reached: (point: string) => void,
): CellHost => {
  const adminConnection: CellHost['adminConnection'] = async ({ name }) => {
    const server = runningLocalServer(cellDir(name));
    if (!server) {
      throw new RingfenceError('database_unavailable', `the Postgres of cell ${name} is not running`, {
        fix: `run \`ringfence cells up ${name}\`; nothing that was committed is lost`,
      });
    }
    return asAdministrator({ ...server, database: CELL_DATABASE });
  };
  return {
    adminConnection,
    server: ({ name }) => localCellServer(cellDir(name)),
    history: (cell) =>
      localHistory({ dir: cellDir(cell.name), connect: () => adminConnection(cell), reached }),
  };
};
