import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { type Connection, openPool, withConnection } from '../../data-plane/database/connect.js';
import { ensureLocalServer, purgeLocalServer } from '../../data-plane/database/server/local-server.js';
import { readRecord } from '../../data-plane/database/server/record.js';
import type { TestDatabase } from './cell-database.js';
import { prepareCellDatabase, prepareRoles } from './postgres-server.js';

/** A cell on a server of its own that archives its WAL. */
export interface ArchivingCell extends TestDatabase {
  readonly dir: string;
  readonly dataDir: string;
}

export const useArchivingCell = (): ArchivingCell => {
  const dir = mkdtempSync(join(tmpdir(), 'ringfence-history-'));
  const cell = {} as { -readonly [key in keyof ArchivingCell]: ArchivingCell[key] };
  beforeAll(async () => {
    const { host, port, user, password } = await ensureLocalServer(dir, { archiving: true });
    const server = { host, port, user, password };
    await prepareRoles(server);
    await withConnection({ ...server, database: 'postgres' }, async (client) => {
      await client.query('CREATE DATABASE ringfence');
      await client.query('GRANT CONNECT ON DATABASE ringfence TO ringfence_app');
    });
    cell.connection = { ...server, database: 'ringfence' };
    await prepareCellDatabase(cell.connection);
    cell.appConnection = appOf(cell.connection);
    cell.admin = openPool(cell.connection, { max: 4, name: 'test admin' });
    cell.app = openPool(cell.appConnection, { max: 4, name: 'test app' });
    const record = readRecord(dir);
    if (!record) throw new Error(`no server is recorded in ${dir}`);
    cell.dir = dir;
    cell.dataDir = record.dataDir;
  });
  afterAll(async () => {
    await cell.admin?.end();
    await cell.app?.end();
    purgeLocalServer(dir);
  });
  return cell;
};

/** The application's login beside an administrator's. */
export const appOf = (admin: Connection): Connection => ({
  ...admin,
  user: 'ringfence_app',
  password: 'app',
});
