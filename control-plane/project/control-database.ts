import { join } from 'node:path';
import type pg from 'pg';
import { RingfenceError } from '../../core/errors.js';
import { type Connection, openPool, withConnection } from '../../data-plane/database/connect.js';
import { migrate } from '../../data-plane/database/migrate.js';
import { explainStop } from '../../data-plane/database/server/explain-start.js';
import {
  ensureLocalServer,
  localServerAddress,
  localServerStatus,
} from '../../data-plane/database/server/local-server.js';
import { CONTROL_LOSS, dataLost } from '../../data-plane/database/server/lost-data.js';
import { readRecord } from '../../data-plane/database/server/record.js';
import { adoptControlAddress, type ControlAddress, readControlAddress } from './control-address.js';
import { forgetPosition, refuseOlder } from './control-position.js';
import {
  CONTROL_DATABASE,
  type ControlServer,
  explainUnreachable,
  openControlServer,
} from './control-server.js';
import { joinProject } from './id.js';
import type { Project } from './project.js';
import { findProject } from './store.js';
import { refuseToStartEmpty } from './traces.js';

/** The name of the control database among keyrings and objects, where cells have their names. No cell has this name. */
export const CONTROL = 'control';

const CONNECTIONS = 6;

/** Folder of the control database's server, and of what verifies one elsewhere. */
export const controlDir = (project: Project): string => join(project.home, 'control');

/** Starts the server if it does not run. */
export const controlConnection = async (project: Project): Promise<Connection> => {
  const dir = controlDir(project);
  const { host, port, user, password } = await ensureLocalServer(dir, {
    archiving: true,
    whenLost: CONTROL_LOSS,
    // `control reconcile` brings an earlier one up to the objects.
    mayBeOlder: true,
  });
  return { host, port, user, password, address: localServerAddress(dir), database: CONTROL_DATABASE };
};

/** A control database that is open. */
interface ControlDatabase {
  readonly pool: pg.Pool;
  /** Undefined for one on this machine. */
  readonly server: ControlServer | undefined;
}

interface OpenOptions {
  /** Goes on with a database that was further ahead before. */
  readonly acceptOlder?: boolean | undefined;
  /** Opens the one on this machine although its rows are being carried elsewhere. */
  readonly isCarrying?: boolean | undefined;
  readonly reached: (point: string) => void;
  /** Told what is waited for. */
  readonly say: (line: string) => void;
}

/**
 * Opens the project's control database, and migrates it where needed. One on this machine is brought up, and made where there is none;
 * one elsewhere has to be there.
 * @throws RingfenceError `data_lost` beside the remains of an earlier one; `control_outdated`; `conflict` for one of another project, and
 *   while its rows are being carried elsewhere.
 */
export const openControlDatabase = async (
  project: Project,
  env: NodeJS.ProcessEnv,
  options: OpenOptions,
): Promise<ControlDatabase> => {
  await isFreshProject(project, env);
  const address = readControlAddress(project);
  if (address?.state === 'arriving' && !options.isCarrying) throw beingCarried(address);
  if (address?.state === 'home') return openElsewhere(project, env, address, options);
  const pool = await bringControlUp(
    project,
    () => refuseToStartEmpty(project, env),
    async (client) => {
      if (options.acceptOlder) forgetPosition(project);
      else await refuseOlder(project, client);
    },
  );
  return { pool, server: undefined };
};

export const beingCarried = ({ rdsInstance }: ControlAddress): RingfenceError =>
  new RingfenceError('conflict', `the control database is being carried to instance ${rdsInstance}`, {
    fix: 'wait until `ringfence control up` ends; if it was broken off, type it again',
  });

const openElsewhere = async (
  project: Project,
  env: NodeJS.ProcessEnv,
  address: ControlAddress,
  { reached, say }: OpenOptions,
): Promise<ControlDatabase> => {
  const server = await openControlServer(project, address, { env, reached, say });
  try {
    const connection = await server.connect();
    await withConnection(connection, async (client) => {
      await migrate(client, 'control');
      if ((await findProject(client)) === undefined) throw emptyElsewhere(address);
      await joinProject(project, client);
    });
    const password = async () => (await server.connect()).password;
    return { pool: openPool(connection, { max: CONNECTIONS, name: 'ringfence control', password }), server };
  } catch (error) {
    throw isNoDatabase(error) ? emptyElsewhere(address) : explainUnreachable(error, address);
  }
};

const isNoDatabase = (error: unknown): boolean =>
  error instanceof RingfenceError && (error.cause as { code?: unknown } | undefined)?.code === '3D000';

/** Nothing starts empty where a trace says that there was something. */
const emptyElsewhere = ({ rdsInstance, region }: ControlAddress): RingfenceError =>
  new RingfenceError(
    'data_lost',
    `instance ${rdsInstance} in ${region} has no control database, or an empty one`,
    {
      fix: 'name the right instance; one that lost its data comes back with `ringfence control restore`',
    },
  );

/** As `openControlDatabase`, for a recovery, which may begin beside traces. */
export const makeControlDatabase = (project: Project): Promise<pg.Pool> =>
  bringControlUp(
    project,
    async () => undefined,
    async () => forgetPosition(project),
  );

const bringControlUp = async (
  project: Project,
  beforeCreation: () => Promise<void>,
  beforeUse: (client: pg.Client) => Promise<void>,
): Promise<pg.Pool> => {
  const connection = await controlConnection(project);
  try {
    await withConnection({ ...connection, database: 'postgres' }, (client) => create(client, beforeCreation));
    await withConnection(connection, async (client) => {
      await beforeUse(client);
      await migrate(client, 'control');
      await joinProject(project, client);
    });
  } catch (error) {
    const record = readRecord(controlDir(project));
    throw record ? explainStop(error, record) : error;
  }
  return openPool(connection, { max: CONNECTIONS, name: 'ringfence control' });
};

const create = async (client: pg.Client, beforeCreation: () => Promise<void>): Promise<void> => {
  await client.query('SELECT pg_advisory_lock(hashtext($1))', [CONTROL_DATABASE]);
  const known = await client.query('SELECT FROM pg_database WHERE datname = $1', [CONTROL_DATABASE]);
  if (known.rowCount !== 0) return;
  await beforeCreation();
  await client.query(`CREATE DATABASE ${CONTROL_DATABASE} STRATEGY WAL_LOG`);
};

/** Says whether the project has a control database, running or not, here or elsewhere. */
export const hasControlDatabase = (project: Project): boolean =>
  readControlAddress(project) !== undefined || hasLocalControl(project);

/** Says whether the data of one lies on this machine. */
export const hasLocalControl = (project: Project): boolean =>
  ['stopped', 'running'].includes(statusOf(project));

const statusOf = (project: Project) => localServerStatus(controlDir(project), { mayBeOlder: true });

/** A fresh project has none. @throws RingfenceError `data_lost` where it had one; as `adoptControlAddress`. */
export const isFreshProject = async (project: Project, env: NodeJS.ProcessEnv): Promise<boolean> => {
  adoptControlAddress(project, env, () => hasLocalControl(project));
  if (hasControlDatabase(project)) return false;
  if (statusOf(project) === 'lost') throw dataLost(controlDir(project), CONTROL_LOSS);
  await refuseToStartEmpty(project, env);
  return true;
};
