import { join } from 'node:path';
import type pg from 'pg';
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
import { forgetPosition, refuseOlder } from './control-position.js';
import { joinProject } from './id.js';
import type { Project } from './project.js';
import { refuseToStartEmpty } from './traces.js';

/** The name of the control database among keyrings and objects, where cells have their names. No cell has this name. */
export const CONTROL = 'control';

export const CONTROL_DATABASE = 'control';
const CONNECTIONS = 6;

/** Folder of the control database's server. */
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

/**
 * Brings the control database up, creates and migrates it where needed, and opens a pool to it.
 * @param options.acceptOlder goes on with a database that was further ahead before.
 * @throws RingfenceError `data_lost` beside the remains of an earlier one, `control_outdated`.
 */
export const openControlDatabase = async (
  project: Project,
  env: NodeJS.ProcessEnv,
  options: { readonly acceptOlder?: boolean | undefined } = {},
): Promise<pg.Pool> => {
  await isFreshProject(project, env);
  return bringControlUp(
    project,
    () => refuseToStartEmpty(project, env),
    async (client) => {
      if (options.acceptOlder) forgetPosition(project);
      else await refuseOlder(project, client);
    },
  );
};

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

/** Says whether the project has a control database, running or not. */
export const hasControlDatabase = (project: Project): boolean =>
  ['stopped', 'running'].includes(statusOf(project));

const statusOf = (project: Project) => localServerStatus(controlDir(project), { mayBeOlder: true });

/** A fresh project has none. @throws RingfenceError `data_lost` where it had one. */
export const isFreshProject = async (project: Project, env: NodeJS.ProcessEnv): Promise<boolean> => {
  if (hasControlDatabase(project)) return false;
  if (statusOf(project) === 'lost') throw dataLost(controlDir(project), CONTROL_LOSS);
  await refuseToStartEmpty(project, env);
  return true;
};
