import { type Connection, openPool, withConnection } from '../../../data-plane/database/connect.js';
import { prepareCell } from '../../../data-plane/database/prepare-cell.js';
import { createRoles } from '../../../data-plane/database/roles.js';
import { TEST_CONTEXT_KEY, type TestDatabase } from '../cell-database.js';
import { type ManagedPostgres, startManagedPostgres } from './managed-postgres.js';

/** A cell on a Postgres as RDS gives it. */
export interface ManagedCell extends TestDatabase {
  readonly postgres: ManagedPostgres;
  stop(): Promise<void>;
}

const APP_PASSWORD = 'app';

/** Prepares the cell twice, because the second time must find nothing to do. @param sibling as `startManagedPostgres` takes it. */
export const startManagedCell = async (sibling?: Pick<ManagedPostgres, 'caFile'>): Promise<ManagedCell> => {
  const postgres = await startManagedPostgres(undefined, sibling);
  try {
    const connection: Connection = { ...postgres.master, database: 'clinics' };
    await withConnection(postgres.master, async (client) => {
      await createRoles(client);
      await client.query('CREATE DATABASE clinics');
    });
    for (let time = 0; time < 2; time++)
      await withConnection(connection, (client) =>
        prepareCell(client, {
          appPassword: APP_PASSWORD,
          keeperPassword: 'keeper',
          contextKey: TEST_CONTEXT_KEY,
        }),
      );
    const appConnection = { ...connection, user: 'ringfence_app', password: APP_PASSWORD };
    const admin = openPool(connection, { max: 2, name: 'test admin' });
    const app = openPool(appConnection, { max: 2, name: 'test app' });
    const stop = async (): Promise<void> => {
      await admin.end();
      await app.end();
      postgres.stop();
    };
    return { postgres, connection, appConnection, admin, app, stop };
  } catch (error) {
    postgres.stop();
    throw error;
  }
};
