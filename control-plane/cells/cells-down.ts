import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { RingfenceError } from '../../core/errors.js';
import { ifThere } from '../../core/files/if-there.js';
import { purgeLocalServer, stopLocalServer } from '../../data-plane/database/server/local-server.js';
import { refuseEnrolled } from '../../data-plane/enrolment/refuse-enrolled.js';
import { cellStack } from '../../stacks/names.js';
import { cellDir } from '../../targets/cell-dir.js';
import { providerElsewhere } from '../../targets/index.js';
import type { CellHost } from '../../targets/target.js';
import type { ResourceChange } from '../engine/run/change.js';
import { deployedEdges } from '../engine/run/deployed-edges.js';
import { removalProgram } from '../engine/run/removal-program.js';
import { destroyStack, forgetStack } from '../engine/run/stack-run.js';
import { controlUrl, readControlAddress } from '../project/control-address.js';
import { controlDir } from '../project/control-database.js';
import { emptyHome } from '../project/home.js';
import { withLock } from '../project/lock.js';
import type { Project } from '../project/project.js';
import { purgeScratchServers } from '../project/scratch.js';
import { openState } from '../project/state/open-state.js';
import type { Runtime } from '../runtime.js';
import { refuseInhabited } from '../tenants/inhabited.js';
import { deployCell, isDeployed } from './cells-up.js';
import { destroyInfrastructure, infrastructureOf } from './infrastructure.js';
import { type Cell, forgetCell, getCell } from './store.js';
import { withPlaces } from './with-places.js';

/** The contents of a project's home without the engine, which is expensive to make. */
const GENERATED = [
  'cells',
  'control',
  'erasure',
  'isolation',
  'keyring',
  'objects',
  'passphrase',
  'project.json',
  'pulumi',
  'scratch',
  'state',
  'state-move.lock',
  'state.json',
  'worker.pulse',
  'workspace',
];

/** Stops one cell's server. Its data stays; `cells up` finds it again. @throws RingfenceError usage for one that is not ours. */
export const stopCell = async (runtime: Runtime, name: string): Promise<void> => {
  await (await runtime.target.server(name)).stop();
};

/** Stops every server of the project, the control database too, and removes those that killed commands left. @returns the cells that there are. */
export const stopAll = (project: Project): string[] => {
  const cells = cellNames(project).filter((name) => elsewhere(project, name) === undefined);
  for (const name of cells) stopLocalServer(cellDir(project.home, name));
  purgeScratchServers(project);
  stopLocalServer(controlDir(project));
  return cells;
};

/**
 * Removes a cell with its data, root key and stack.
 * @param onChange is told of what goes in AWS.
 * @throws RingfenceError `conflict` while tenants live in it, registered or not, or backups of removed ones need its key.
 */
export const purgeCell = async (
  runtime: Runtime,
  name: string,
  onChange?: (change: ResourceChange) => void,
): Promise<void> => {
  const cell = await getCell(runtime.control, name);
  await withPlaces(runtime.control, () =>
    withLock(runtime.control, `cell/${name}`, async () => {
      await refuseInhabited(runtime.control, name);
      const server = await runtime.target.server(name);
      // Resources that were lost with the data are removed without a server.
      if ((await server.state()) === 'lost') purgeLocalServer(runtime.target.cellDir(name));
      else if (!(await isHalfMade(cell, server))) await wakeForRemoval(runtime, cell, server);
      if (await isHalfMade(cell, server))
        await forgetStack(await runtime.stackRunner(), cellStack(name), { recover: true });
      else
        await destroyStack(await runtime.stackRunner(), {
          stack: cellStack(name),
          ...(await removalProgram(server, 'postgres')),
          recover: true,
        });
      await destroyInfrastructure(runtime, cell, onChange);
      rmSync(runtime.target.cellDir(name), { recursive: true, force: true });
      await forgetCell(runtime.control, name);
    }),
  );
};

/** True for a cell in AWS whose making was broken off before there was a server. */
const isHalfMade = async (cell: Cell, server: CellHost): Promise<boolean> =>
  infrastructureOf(cell) !== undefined && (await server.state()) === 'absent';

const wakeForRemoval = async (runtime: Runtime, cell: Cell, server: CellHost): Promise<void> => {
  const { name, tier, region } = cell;
  await server.wake();
  await refuseEnrolled(await runtime.target.adminConnection(name));
  // The engine would leave resources that it has forgotten.
  if (!(await isDeployed(runtime, name))) await deployCell(runtime, { name, tier, region });
};

const first = (slugs: readonly string[]): string => slugs.slice(0, 5).join(', ');

/**
 * Stops and removes everything that Ringfence made for the project, except the cached engine.
 * @throws RingfenceError `conflict` while a cell is on a server that is not ours: its content would stay there without its
 * keys; while an edge is deployed, which would stay; and while the control database is elsewhere.
 */
export const purgeAll = async (project: Project, env: NodeJS.ProcessEnv): Promise<string[]> => {
  const cells = cellNames(project);
  const away = cells.filter((name) => elsewhere(project, name) !== undefined);
  if (away[0] !== undefined) {
    throw new RingfenceError(
      'conflict',
      `cells on ${elsewhere(project, away[0])} are not removed with the project: ${first(away)}`,
      {
        fix: `remove each first, with what Ringfence made in its server: ringfence cells down ${away[0]} --purge`,
      },
    );
  }
  const state = openState(project, env);
  if ((await deployedEdges(state)).length > 0)
    throw new RingfenceError('conflict', 'the edge is deployed, and does not go with the project', {
      fix: 'take it down first: ringfence edge down',
    });
  const address = readControlAddress(project);
  if (address)
    throw new RingfenceError(
      'conflict',
      `the control database is on ${controlUrl(address)}, and does not go with the project`,
      { fix: 'take it down first: ringfence control down' },
    );
  for (const name of cells) purgeLocalServer(cellDir(project.home, name));
  purgeScratchServers(project);
  purgeLocalServer(controlDir(project));
  await state.purge();
  for (const entry of GENERATED) rmSync(join(project.home, entry), { recursive: true, force: true });
  for (const entry of existsSync(project.home) ? readdirSync(project.home) : [])
    if (entry.startsWith('.passphrase.')) rmSync(join(project.home, entry), { force: true });
  emptyHome(project);
  return cells;
};

const elsewhere = ({ home }: Project, cell: string): string | undefined =>
  providerElsewhere(cellDir(home, cell));

const cellNames = (project: Project): string[] =>
  ifThere(() => readdirSync(join(project.home, 'cells')))?.sort() ?? [];
