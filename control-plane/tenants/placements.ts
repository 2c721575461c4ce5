import type pg from 'pg';
import { z } from 'zod';
import { RingfenceError } from '../../core/errors.js';
import { PLACEMENT_STATES, PLACEMENT_TRANSITIONS, type PlacementState } from '../../core/lifecycle.js';

export const placementSchema = z.object({
  cell: z.string(),
  /** Counts the placements of a tenant: a later one has a higher number. */
  epoch: z.int(),
  state: z.enum(PLACEMENT_STATES),
});

/** What of a tenant lies in a cell. */
export type Placement = Readonly<z.infer<typeof placementSchema>>;

type Queries = Pick<pg.Pool, 'query'>;

const cameFrom = (to: PlacementState): PlacementState[] =>
  PLACEMENT_STATES.filter((from) => from === to || PLACEMENT_TRANSITIONS[from].includes(to));

/**
 * Records that the tenant comes into the cell. A tenant that comes back to a cell gets a new epoch. Idempotent.
 * @param operation the one that brings it there.
 */
export const recordPlacement = async (
  control: Queries,
  tenantId: string,
  cell: string,
  state: Extract<PlacementState, 'arriving' | 'home'>,
  operation: string | null = null,
): Promise<void> => {
  await control.query(
    `INSERT INTO control.placements AS known (tenant_id, cell, epoch, state, operation)
     SELECT $1, $2, 1 + coalesce(max(epoch), 0), $3, $4 FROM control.placements WHERE tenant_id = $1
     ON CONFLICT (tenant_id, cell) DO UPDATE
        SET epoch = excluded.epoch, state = excluded.state, operation = excluded.operation, since = now()
      WHERE known.state = 'left'`,
    [tenantId, cell, state, operation],
  );
};

/** Takes back the placement that an operation recorded, and no other. */
export const takeBackPlacement = async (control: Queries, operation: string): Promise<void> => {
  await control.query(
    `UPDATE control.placements SET state = 'left', since = now() WHERE operation = $1 AND state = 'arriving'`,
    [operation],
  );
};

/**
 * Changes the state of a known placement. A placement that is in the state already stays in it.
 * @throws RingfenceError `conflict` for a transition that is not in PLACEMENT_TRANSITIONS, and for an unknown placement.
 */
export const enterPlacementState = async (
  control: Queries,
  tenantId: string,
  cell: string,
  to: PlacementState,
): Promise<void> => {
  const { rowCount } = await control.query(
    `UPDATE control.placements SET state = $3, since = CASE WHEN state = $3 THEN since ELSE now() END
      WHERE tenant_id = $1 AND cell = $2 AND state = ANY($4)`,
    [tenantId, cell, to, cameFrom(to)],
  );
  if (rowCount !== 0) return;
  throw new RingfenceError('conflict', `the tenant’s placement in cell ${cell} cannot become ${to}`, {
    fix: 'see its placements with `ringfence placements list`',
  });
};

/** The epoch of a tenant's home. */
export const homeEpochOf = ({ placements }: { readonly placements: readonly Placement[] }): number =>
  placements.find(({ state }) => state === 'home')?.epoch ?? 1;

/** The cells that have rows of a tenant, its home first. */
export const inhabitedCells = ({ placements }: { readonly placements: readonly Placement[] }): string[] =>
  placements
    .filter(({ state }) => state !== 'left')
    .sort((one, other) => Number(other.state === 'home') - Number(one.state === 'home'))
    .map(({ cell }) => cell);
