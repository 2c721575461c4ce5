import { join } from 'node:path';
import type pg from 'pg';
import { CELL_DATABASE } from '../../../data-plane/database/cell-database.js';
import { asAdministrator } from '../../../data-plane/database/connect.js';
import { runningLocalServer } from '../../../data-plane/database/server/local-server.js';
import { compareCell } from '../../cell-status/compare-cell.js';
import { type CellFound, describePassedOver } from '../../cells/passed-over.js';
import { failureOf } from '../../operation/failure.js';
import type { Project } from '../../project/project.js';
import { isRecovering } from '../../recovery/recover.js';
import { listTenants } from '../../tenants/store.js';
import type { Check, DoctorCheck } from '../types.js';
import { describeNotLookedAt, findLocalCells, hasStopped, START_FIX } from './find-local-cells.js';
import { withControl } from './with-control.js';

const NAME = 'tenants';

/** Checks that the recorded cells are there, with exactly the tenants that they should have. */
export const checkTenants: Check = async ({ project, env }) => {
  const check = await withControl({ project, env }, NAME, 'nothing was compared', (control) =>
    compare(control, project),
  );
  if (!isRecovering(project)) return check;
  return {
    name: NAME,
    status: 'fail',
    detail: `\`ringfence recover\` was begun here and did not finish; ${check.detail}`,
    fix: 'run the same `ringfence recover` again',
  };
};

const compare = async (control: pg.Pool, project: Project): Promise<DoctorCheck> => {
  const cells = await findLocalCells(control, project);
  const problems: string[] = [];
  for (const found of cells) problems.push(...(await problemsOf(control, project, found)));
  const down = await findDown(control, cells);
  const notLookedAt = `${describeNotLookedAt(cells)}${describeDown(down)}`;
  if (problems.length > 0)
    return {
      name: NAME,
      status: 'fail',
      detail: `${problems.join('; ')}${notLookedAt}`,
      fix: 'as it says there',
      data: { problems, down },
    };
  const compared = cells.filter(({ state }) => state === 'running').length;
  const detail = `${compared} running cells have the tenants that they should have${notLookedAt}`;
  return hasStopped(cells)
    ? { name: NAME, status: 'warn', detail, fix: START_FIX, data: { problems, down } }
    : { name: NAME, status: 'ok', detail, data: { problems, down } };
};

/** The tenants that nobody reaches, because the cell of each is down. Of servers elsewhere nobody is asked. */
const findDown = async (
  control: pg.Pool,
  cells: readonly CellFound[],
): Promise<{ readonly tenant: string; readonly cell: string }[]> => {
  const down = new Set(
    cells.filter(({ state }) => state !== 'running' && state !== 'unreachable').map(({ cell }) => cell.name),
  );
  return (await listTenants(control))
    .filter(({ cell }) => down.has(cell))
    .map(({ slug: tenant, cell }) => ({ tenant, cell }));
};

const NAMED = 5;

const describeDown = (down: Awaited<ReturnType<typeof findDown>>): string => {
  if (down.length === 0) return '';
  const named = down.slice(0, NAMED).map(({ tenant }) => tenant);
  const others = down.length > NAMED ? `, and ${down.length - NAMED} more` : '';
  return `; down with their cell: ${named.join(', ')}${others}`;
};

const problemsOf = async (
  control: pg.Pool,
  project: Project,
  { cell, state }: CellFound,
): Promise<string[]> => {
  if (state === 'lost' || state === 'not deployed') return [describePassedOver({ cell: cell.name, state })];
  const server = state === 'running' && runningLocalServer(join(project.home, 'cells', cell.name));
  if (!server) return [];
  try {
    return await compareCell(control, cell.name, asAdministrator({ ...server, database: CELL_DATABASE }));
  } catch (error) {
    return [failureOf(error, `the look at cell ${cell.name}`).message];
  }
};
