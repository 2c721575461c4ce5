import { withConnection } from '../../data-plane/database/connect.js';
import type { Difference } from '../../data-plane/database/defences.js';
import { describeDifference } from '../../data-plane/database/describe-difference.js';
import { refuseObstacles } from '../../data-plane/database/repair/obstacles.js';
import { repairCell } from '../../data-plane/database/repair/repair-cell.js';
import { readDriftedTenants } from '../../data-plane/enrolment/read-enrolment.js';
import type { ResourceChange } from '../engine/run/change.js';
import type { Runtime } from '../runtime.js';
import { readSettingDrift } from './size.js';
import { getCell } from './store.js';

/** The differences of a cell from its release and from its deployments. */
export interface CellDrift {
  /** Defences and logins of the cell. */
  readonly differences: readonly Difference[];
  /** Tenants that a deployment would change. */
  readonly tenantIds: ReadonlySet<string>;
  /** A tenant's own cell is not as the size in its manifest says; a deployment of the tenant puts it back. */
  readonly isOtherSize: boolean;
}

export const NO_DRIFT: CellDrift = { differences: [], tenantIds: new Set(), isOtherSize: false };

/** Inspects a running cell in some 30 ms. Changes nothing. */
export const readCellDrift = async (runtime: Runtime, name: string): Promise<CellDrift> => {
  const cell = await getCell(runtime.control, name);
  const isOtherSize = cell.tier === 'dedicated' && (await readSettingDrift(runtime, cell)).length > 0;
  return withConnection(await runtime.target.adminConnection(name), async (client) => ({
    differences: await repairCell(client, runtime.target.credentials(name), { dryRun: true }),
    tenantIds: await readDriftedTenants(client),
    isOtherSize,
  }));
};

/** `readCellDrift` of a cell that somebody named. @throws RingfenceError `cell_not_found` */
export const readNamedCellDrift = async (runtime: Runtime, name: string): Promise<CellDrift> =>
  readCellDrift(runtime, (await getCell(runtime.control, name)).name);

/**
 * Puts the defences and the logins of a running cell back to what its release says. A deployment of a tenant mends what the
 * tenant lacks.
 * @param onMended is told each thing that was put back.
 * @throws RingfenceError `repair_incomplete`, after the repair, when something could not be put back.
 */
export const mendCell = async (
  runtime: Runtime,
  cell: string,
  onMended: (difference: Difference) => void,
): Promise<void> => {
  const differences = await withConnection(await runtime.target.adminConnection(cell), (client) =>
    repairCell(client, runtime.target.credentials(cell), { dryRun: false }),
  );
  for (const difference of differences) if (!difference.obstacle) onMended(difference);
  refuseObstacles(cell, differences);
};

/** The drift of a cell among the changes of a preview. */
export const driftChange = ({ differences }: CellDrift): ResourceChange[] =>
  differences.length === 0
    ? []
    : [
        {
          action: 'update',
          type: 'CellDatabase',
          name: 'schema',
          changed: differences.map(describeDifference),
        },
      ];
