import { join } from 'node:path';
import type pg from 'pg';
import { type CellFound, findCells } from '../../cells/passed-over.js';
import type { Project } from '../../project/project.js';
import { localCellServer } from '../../targets/local-server.js';

/** Every cell that the control database knows; an instance of Amazon RDS is not asked for. */
export const findLocalCells = (control: pg.Pool, project: Project): Promise<CellFound[]> =>
  findCells(control, async (cell) =>
    cell.target === 'local'
      ? localCellServer(join(project.home, 'cells', cell.name), cell).state()
      : 'unreachable',
  );

/** What there is to say of the cells whose content was not looked at; empty where there are none. */
export const describeNotLookedAt = (cells: readonly CellFound[]): string =>
  cells
    .filter(({ state }) => state !== 'running' && state !== 'lost')
    .map(({ cell, state }) => `; ${cell.name} not looked at: ${cell.rdsInstance ? 'on Amazon RDS' : state}`)
    .join('');

/** They can be looked at once they run. */
export const hasStopped = (cells: readonly CellFound[]): boolean =>
  cells.some(({ cell, state }) => cell.target === 'local' && ['stopped', 'absent'].includes(state));

export const START_FIX =
  'nothing is wrong with that; `ringfence cells up` starts them, and doctor looks then';
