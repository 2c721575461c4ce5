import { join } from 'node:path';
import type pg from 'pg';
import { openPool, withConnection } from '../data-plane/database/connect.js';
import { migrate } from '../data-plane/database/migrate.js';
import {
  ensureLocalServer,
  localServerAddress,
  localServerStatus,
} from '../data-plane/database/server/local-server.js';
import { CONTROL_LOSS } from '../data-plane/database/server/lost-data.js';
import type { Project } from './project.js';

const DATABASE = 'control';
const CONNECTIONS = 6;

/** Folder of the control database's server. */
export const controlDir = (project: Project): string => join(project.home, 'control');

/** Brings the control database up, creates and migrates it where needed, and opens a pool to it. */
export const openControlDatabase = async (project: Project): Promise<pg.Pool> => {
  const { host, port, user, password } = await ensureLocalServer(controlDir(project), {
    whenLost: CONTROL_LOSS,
  });
  const server = { host, port, user, password, address: localServerAddress(controlDir(project)) };
  await withConnection({ ...server, database: 'postgres' }, async (client) => {
    await client.query('SELECT pg_advisory_lock(hashtext($1))', [DATABASE]);
    const known = await client.query('SELECT FROM pg_database WHERE datname = $1', [DATABASE]);
    if (known.rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE} STRATEGY WAL_LOG`);
  });
  const connection = { ...server, database: DATABASE };
  await withConnection(connection, (client) => migrate(client, 'control'));
  return openPool(connection, { max: CONNECTIONS, name: 'ringfence control' });
};

/** Whether the project has one, running or not; a fresh project has none. */
export const hasControlDatabase = (project: Project): boolean =>
  localServerStatus(controlDir(project)) !== 'absent';
