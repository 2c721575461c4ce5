import pMap from 'p-map';
import { type Cell, getCell, listCells } from '../cells/store.js';
import type { Runtime } from '../runtime.js';
import { getTenant, listTenants, type RegisteredTenant } from '../tenants/store.js';
import { driftOfCell } from './cell-drift.js';
import type { Drift } from './drift.js';
import { driftOfTenant } from './tenant-drift.js';

/** Whom to look at: all of the project without any name. */
export interface DriftRequest {
  readonly tenants: readonly string[];
  readonly cells: readonly string[];
  readonly concurrency: number;
  readonly onFound?: (drift: Drift) => void;
}

/**
 * Looks for drift, several at once, cells first. One that cannot be looked at is told so and stops nobody.
 * @throws RingfenceError `tenant_not_found`, `cell_not_found` for a name that there is not.
 */
export const findDrift = async (
  runtime: Runtime,
  { tenants, cells, concurrency, onFound }: DriftRequest,
): Promise<Drift[]> => {
  const { control } = runtime;
  const all = tenants.length === 0 && cells.length === 0;
  const named: Array<Cell | RegisteredTenant> = all
    ? [...(await listCells(control)), ...(await listTenants(control))]
    : [
        ...(await Promise.all(cells.map((name) => getCell(control, name)))),
        ...(await Promise.all(tenants.map((slug) => getTenant(control, slug)))),
      ];
  return pMap(
    named,
    async (one) => {
      const drift = 'slug' in one ? await driftOfTenant(runtime, one) : await driftOfCell(runtime, one);
      onFound?.(drift);
      return drift;
    },
    { concurrency },
  );
};
