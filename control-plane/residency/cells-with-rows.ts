import pMap from 'p-map';
import { withConnection } from '../../data-plane/database/connect.js';
import { readEnrolment } from '../../data-plane/enrolment/read-enrolment.js';
import { forgottenAt } from '../cells/cell-history.js';
import { type Cell, listCells } from '../cells/store.js';
import type { Runtime } from '../runtime.js';
import { type DatedPlacement, listDatedPlacements } from './store.js';

/** How many cells are asked at once. */
const AT_ONCE = 8;

/**
 * The cells whose servers have, or may have, rows of a tenant: those that it is in; those that it left, until their history
 * has forgotten it; and every running one in whose database it is found, whatever the records say. Starts nothing.
 */
export const cellsWithRows = async (runtime: Runtime, tenantId: string): Promise<Cell[]> => {
  const placements = new Map(
    (await listDatedPlacements(runtime.control, tenantId)).map((placement) => [placement.cell, placement]),
  );
  const cells = await listCells(runtime.control);
  const have = await pMap(cells, ({ name }) => mayHaveRows(runtime, tenantId, name, placements.get(name)), {
    concurrency: AT_ONCE,
  });
  return cells.filter((_, at) => have[at]);
};

const mayHaveRows = async (
  runtime: Runtime,
  tenantId: string,
  cell: string,
  placement: DatedPlacement | undefined,
): Promise<boolean> => {
  if (placement && (placement.state !== 'left' || !(await isForgotten(runtime, placement)))) return true;
  // Of a cell that cannot be looked into, only the records speak.
  return (await isEnrolled(runtime, tenantId, cell)) ?? placement !== undefined;
};

const isForgotten = async (runtime: Runtime, { cell, since }: DatedPlacement): Promise<boolean> => {
  try {
    return (await forgottenAt(runtime, cell, since)) < runtime.now();
  } catch {
    // The keeper of its history does not say for how long it keeps it.
    return false;
  }
};

/** Undefined where the cell cannot be looked into. */
const isEnrolled = async (
  { target }: Runtime,
  tenantId: string,
  cell: string,
): Promise<boolean | undefined> => {
  try {
    const server = await target.server(cell);
    if ((await server.state()) !== 'running') return undefined;
    const admin = await server.adminConnection();
    return await withConnection(
      admin,
      async (client) => (await readEnrolment(client, tenantId)) !== undefined,
    );
  } catch {
    return undefined;
  }
};
