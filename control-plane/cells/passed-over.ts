import type pg from 'pg';
import type { CellHost } from '../../targets/target.js';
import type { Runtime } from '../runtime.js';
import { listTenants } from '../tenants/store.js';
import { type Cell, listCells } from './store.js';

type CellState = Awaited<ReturnType<CellHost['state']>>;

/** A recorded cell and its state. */
export interface CellFound {
  readonly cell: Cell;
  /** A cell that was made anew and not brought up since is `not deployed`, or `lost` if tenants were deployed into it. */
  readonly state: CellState | 'not deployed';
}

/** Every cell that the control database knows, whatever folders there are. Starts nothing. */
export const findCells = async (
  control: pg.Pool,
  stateOf: (cell: Cell) => Promise<CellState>,
): Promise<CellFound[]> => {
  const inhabited = new Set(
    (await listTenants(control)).filter(({ deployedAt }) => deployedAt !== null).map(({ cell }) => cell),
  );
  const found: CellFound[] = [];
  for (const cell of await listCells(control)) {
    const state = await stateOf(cell);
    found.push({ cell, state: cell.port === null ? undeployed(state, inhabited.has(cell.name)) : state });
  }
  return found;
};

const undeployed = (state: CellState, isInhabited: boolean): CellFound['state'] => {
  if (!isInhabited) return state === 'running' ? 'not deployed' : state;
  return state === 'absent' ? 'lost' : state === 'lost' ? state : 'not deployed';
};

/** A cell that a command for running cells passed over. */
export interface CellPassedOver {
  readonly cell: string;
  readonly state: Exclude<CellFound['state'], 'running'>;
}

export const cellsPassedOver = async ({ control, target }: Runtime): Promise<CellPassedOver[]> =>
  (await findCells(control, async ({ name }) => (await target.server(name)).state())).flatMap(
    ({ cell, state }) => (state === 'running' ? [] : [{ cell: cell.name, state }]),
  );

/** Says in a sentence why the cell was passed over, and how to bring it back. */
export const describePassedOver = ({ cell, state }: CellPassedOver): string =>
  state === 'lost'
    ? `cell ${cell} is lost: \`ringfence cells restore ${cell}\` brings it back`
    : `cell ${cell} was not looked at: ${state}${state === 'unreachable' ? '' : `; \`ringfence cells up ${cell}\``}`;
