import type pg from 'pg';
import { targetOf } from '../../../targets/index.js';
import type { TargetContext } from '../../../targets/target.js';
import { type CellFound, findCells } from '../../cells/passed-over.js';
import type { Cell } from '../../cells/store.js';
import type { Project } from '../../project/project.js';

/** Every cell that the control database knows; nobody elsewhere is asked for theirs. */
export const findLocalCells = (control: pg.Pool, project: Project): Promise<CellFound[]> =>
  findCells(control, async (cell) =>
    isHere(cell) ? targetOf(cell).open(looking(project)).host(cell).state() : 'unreachable',
  );

const isHere = (cell: Cell): boolean => targetOf(cell).isHere;

const looking = ({ home }: Project): TargetContext => ({
  home,
  env: {},
  reached: () => undefined,
  say: () => undefined,
});

/** Names the cells that were not inspected; empty where there are none. */
export const describeNotLookedAt = (cells: readonly CellFound[]): string =>
  cells
    .filter(({ state }) => state !== 'running' && state !== 'lost')
    .map(
      ({ cell, state }) =>
        `; ${cell.name} not looked at: ${isHere(cell) ? state : `on ${targetOf(cell).provider}`}`,
    )
    .join('');

/** They can be looked at once they run. */
export const hasStopped = (cells: readonly CellFound[]): boolean =>
  cells.some(({ cell, state }) => isHere(cell) && ['stopped', 'absent'].includes(state));

export const START_FIX =
  'nothing is wrong with that; `ringfence cells up` starts them, and doctor looks then';
