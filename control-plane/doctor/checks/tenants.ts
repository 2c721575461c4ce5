import { join } from 'node:path';
import { asAdministrator, openPool } from '../../../data-plane/database/connect.js';
import { runningLocalServer } from '../../../data-plane/database/server/local-server.js';
import { CELL_DATABASE } from '../../../stacks/names.js';
import { compareCell } from '../../cell-status/compare-cell.js';
import { listCells } from '../../cells/store.js';
import { CONTROL_DATABASE, controlDir } from '../../project/control-database.js';
import type { Check } from '../types.js';

/** Whether the local cells that run have the tenants that the control database knows, and no others. */
export const checkTenants: Check = async ({ project }) => {
  const name = 'tenants';
  const server = runningLocalServer(controlDir(project));
  if (!server)
    return { name, status: 'ok', detail: 'the control database does not run: nothing was compared' };
  const control = openPool({ ...server, database: CONTROL_DATABASE }, { max: 1, name: 'ringfence doctor' });
  try {
    const problems: string[] = [];
    let compared = 0;
    for (const cell of await listCells(control)) {
      const running = runningLocalServer(join(project.home, 'cells', cell.name));
      if (!running || cell.port === null) continue;
      compared++;
      problems.push(
        ...(await compareCell(control, cell.name, asAdministrator({ ...running, database: CELL_DATABASE }))),
      );
    }
    return problems.length === 0
      ? { name, status: 'ok', detail: `${compared} running cells have the tenants that they should have` }
      : { name, status: 'fail', detail: problems.join('; '), fix: 'as it says there', data: { problems } };
  } finally {
    await control.end();
  }
};
