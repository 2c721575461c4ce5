import { join } from 'node:path';
import type pg from 'pg';
import { CELL_DATABASE } from '../../../data-plane/database/cell-database.js';
import { asAdministrator, withConnection } from '../../../data-plane/database/connect.js';
import { runningLocalServer } from '../../../data-plane/database/server/local-server.js';
import { listStreamPasswords } from '../../../data-plane/database/server/stream-password.js';
import { readSlots } from '../../../data-plane/moves/slot.js';
import { describeOrphans, findOrphans } from '../../moves/orphans.js';
import { listOpenMoves, type Move } from '../../moves/store.js';
import { SHUT } from '../../operation/refuse-while-moving.js';
import type { Project } from '../../project/project.js';
import type { Check, DoctorCheck } from '../types.js';
import { describeNotLookedAt, findLocalCells } from './find-local-cells.js';
import { withControl } from './with-control.js';

const NAME = 'moves';

/** Finds what moves that are over have left in cells: a slot that nobody reads keeps WAL. Names moves that are not over. */
export const checkMoves: Check = ({ project, env }) =>
  withControl({ project, env }, NAME, 'nobody knows which moves are open', (control) =>
    look(control, project),
  );

const look = async (control: pg.Pool, project: Project): Promise<DoctorCheck> => {
  const cells = await findLocalCells(control, project);
  const moves = await listOpenMoves(control);
  const orphans: string[] = [];
  const broken: string[] = [];
  const lost: string[] = [];
  for (const { cell } of cells) {
    const dir = join(project.home, 'cells', cell.name);
    const server = runningLocalServer(dir);
    if (!server) continue;
    await withConnection(asAdministrator({ ...server, database: CELL_DATABASE }), async (client) => {
      const found = describeOrphans(await findOrphans(control, client, listStreamPasswords(dir)));
      if (found.length > 0) broken.push(cell.name);
      orphans.push(...found.map((orphan) => `${orphan} in ${cell.name}`));
      lost.push(...(await lostStreams(client, moves, cell.name)));
    });
  }
  const notLookedAt = describeNotLookedAt(cells);
  if (orphans.length > 0)
    return {
      name: NAME,
      status: 'fail',
      detail: `left by moves that are over: ${orphans.join('; ')}${notLookedAt}`,
      fix: broken.map((cell) => `\`ringfence cells repair ${cell}\``).join(', '),
      data: { orphans },
    };
  const unfinished = moves.filter(({ state }) => state !== 'window');
  const detail = [
    ...unfinished.map(
      ({ id, source, destination, state }) =>
        `move ${id} from ${source} to ${destination} is ${state}${SHUT.includes(state) ? ', and the tenant may take no writes' : ''}`,
    ),
    ...lost,
  ];
  if (detail.length > 0)
    return {
      name: NAME,
      status: 'warn',
      detail: `${detail.join('; ')}${notLookedAt}`,
      fix: 'where no run works on it: `ringfence operations resume` or `abort` with its id',
      data: { moves: unfinished.map(({ id, state }) => ({ id, state })) },
    };
  return {
    name: NAME,
    status: 'ok',
    detail: `${moves.length} tenants can be brought back to where they came from, and nothing is left of other moves${notLookedAt}`,
  };
};

/** Streams back whose server has given up what they have not read. A rollback copies all rows then. */
const lostStreams = async (
  client: pg.ClientBase,
  moves: readonly Move[],
  cell: string,
): Promise<string[]> => {
  const kept = moves.filter(({ state, destination }) => state === 'window' && destination === cell);
  const found: string[] = [];
  for (const { id, returnStream } of kept) {
    const slots = returnStream === null ? [] : await readSlots(client, returnStream);
    if (!slots.some(({ walStatus }) => walStatus !== 'lost'))
      found.push(`the stream back of move ${id} is lost: a rollback copies all rows`);
  }
  return found;
};
