import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProvidedContext } from 'vitest';
import type { TestProject } from 'vitest/node';
import { setApplicationLogins } from '../../data-plane/database/application-logins.js';
import { type Connection, withConnection } from '../../data-plane/database/connect.js';
import { installContextKey } from '../../data-plane/database/context-key.js';
import { migrate } from '../../data-plane/database/migrate.js';
import { installPermissions } from '../../data-plane/database/permissions.js';
import { createRoles } from '../../data-plane/database/roles.js';
import { ensureLocalServer, purgeLocalServer } from '../../data-plane/database/server/local-server.js';
import { TEST_CONTEXT_KEY } from './cell-database.js';

declare module 'vitest' {
  export interface ProvidedContext {
    postgres: { host: string; port: number; user: string; password: string };
  }
}

/** One real Postgres for all integration tests, with template databases that each file clones. */
export default async function setup(project: TestProject): Promise<() => void> {
  const dir = mkdtempSync(join(tmpdir(), 'ringfence-it-'));
  try {
    const postgres = await prepareServer(dir);
    project.provide('postgres', postgres);
  } catch (error) {
    purgeLocalServer(dir);
    throw error;
  }
  return () => purgeLocalServer(dir);
}

const prepareServer = async (dir: string): Promise<ProvidedContext['postgres']> => {
  const server = await ensureLocalServer(dir);
  const postgres = { host: server.host, port: server.port, user: server.user, password: server.password };
  await prepareRoles(postgres);
  await withConnection({ ...postgres, database: 'postgres' }, async (client) => {
    await client.query('CREATE DATABASE cell_template');
    await client.query('CREATE DATABASE control_template');
  });
  await prepareCellDatabase({ ...postgres, database: 'cell_template' });
  await withConnection({ ...postgres, database: 'control_template' }, async (client) => {
    await migrate(client, 'control');
  });
  return postgres;
};

/** The roles of a cell; `ringfence_app` with the password `app`. */
export const prepareRoles = (server: Omit<Connection, 'database'>): Promise<void> =>
  withConnection({ ...server, database: 'postgres' }, async (client) => {
    await createRoles(client);
    await client.query(`ALTER ROLE ringfence_app PASSWORD 'app'`);
  });

/** Makes a database a cell. */
export const prepareCellDatabase = (connection: Connection): Promise<void> =>
  withConnection(connection, async (client) => {
    await migrate(client, 'cell');
    await installContextKey(client, TEST_CONTEXT_KEY);
    await installPermissions(client);
    await setApplicationLogins(client, { appPassword: 'app', keeperPassword: 'keeper' });
  });
