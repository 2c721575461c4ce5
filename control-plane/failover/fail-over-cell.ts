import { CELL_DATABASE } from '../../data-plane/database/cell-database.js';
import { asAdministrator } from '../../data-plane/database/connect.js';
import type { FailoverPlan } from '../../data-plane/replica/fail-over.js';
import { tenantsOf } from '../cell-restore/lost-tenants.js';
import { readyRestoredCell } from '../cell-restore/ready-restored-cell.js';
import { bringCellUp } from '../cells/cells-up.js';
import { getCell, tellApplications } from '../cells/store.js';
import { failureOf } from '../operation/failure.js';
import { noteOperation } from '../operation/store.js';
import { tellBrokenPromises } from '../policies/judge-cell.js';
import { withLocks } from '../project/lock.js';
import type { Runtime } from '../runtime.js';

/** What a failover would do to a cell. Says what breaks a policy. @throws RingfenceError `cell_not_found`; as `CellHost.planFailover`. */
export const planCellFailover = async (
  runtime: Runtime,
  name: string,
  say: (line: string) => void,
): Promise<FailoverPlan> => {
  const { tier, region } = await getCell(runtime.control, name);
  await tellBrokenPromises(runtime, { name, tier, region }, say);
  return (await runtime.target.server(name)).planFailover();
};

export interface CellFailedOver {
  readonly cell: string;
  readonly port: number;
  /** From the moment when the primary was given up until the cell took connections again. */
  readonly pauseMs: number;
  /** Where the data that was given up is kept; null where it was gone. */
  readonly keptData: string | null;
  /** Why the cell has no new replica yet; null where it has one. */
  readonly problem: string | null;
}

/**
 * Lets the replica of a cell take over, tells applications, notes an operation of every tenant there, and makes the next replica. After a kill it can be run again.
 * @throws RingfenceError as `CellHost.failOver`.
 */
export const failOverCell = async (
  runtime: Runtime,
  name: string,
  options: { readonly mayLose: boolean },
): Promise<CellFailedOver> => {
  const { tier, region } = await getCell(runtime.control, name);
  const server = await runtime.target.server(name);
  await runtime.beforeChange();
  const { keptData, pauseMs } = await withLocks(
    runtime.control,
    [`cell/${name}`, `history/${name}`],
    async () => {
      const begunMs = performance.now();
      const kept = await server.failOver({
        ...options,
        now: () => runtime.now(),
        reached: runtime.reached,
        // It came back from an earlier state, as a restored one does.
        ready: async (promoted) => {
          await readyRestoredCell(runtime, name, asAdministrator({ ...promoted, database: CELL_DATABASE }));
        },
      });
      return { keptData: kept, pauseMs: Math.round(performance.now() - begunMs) };
    },
  );
  await tellApplications(runtime.control, name);
  const { control, caller } = runtime;
  for (const { id, slug } of await tenantsOf(runtime, name))
    await noteOperation(control, { tenantId: id, slug, kind: 'failover', caller });
  let problem: string | null = null;
  try {
    await bringCellUp(runtime, { name, tier, region });
  } catch (error) {
    // The cell works; a replica that cannot be made now is made by `cells up`.
    problem = failureOf(error, `cell ${name}`).message;
  }
  const { port } = await runtime.target.adminConnection(name);
  return { cell: name, port, pauseMs, keptData, problem };
};
