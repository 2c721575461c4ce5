import { withCellConnection } from '../cells/cell-connection.js';
import type { CellPools } from '../cells/cell-pools.js';
import { enter } from '../context/session.js';
import type { Departure } from '../directory/directory.js';

const TIME_LIMIT_MS = 10_000;

/**
 * Opens as many connections to the cell that a tenant is about to move to as there are to the one that it leaves, so that no request
 * waits for them behind the switch. Each one tries to enter, for the server to have read what entering needs; it is turned away.
 */
export const warmUp = async (
  pools: CellPools,
  { located, destination }: Departure,
  most: number,
): Promise<void> => {
  const { tenantId, clinicId } = located;
  const cell = pools.of(destination);
  const one = (): Promise<void> =>
    withCellConnection(
      cell,
      `move ${tenantId}`,
      { timeoutMs: TIME_LIMIT_MS, signal: undefined },
      ({ client }) => enter(client, cell, { subject: { tenantId, clinicId } }),
    );
  const count = Math.min(pools.of(located).open(), most);
  await Promise.allSettled(Array.from({ length: count }, one));
};
