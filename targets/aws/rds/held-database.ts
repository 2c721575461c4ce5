import { CELL_DATABASE } from '../../../data-plane/database/cell-database.js';
import { type Connection, withConnection } from '../../../data-plane/database/connect.js';

/** What an instance of RDS is for. */
export interface HeldDatabase {
  /** The database that its administrator works in. It is there whatever was lost. */
  readonly administered: string;
  /**
   * Whether a copy of the instance shows, by its own record, what was committed after a moment: then it is one of another moment.
   * @param admin as the administrator of the copy, in the database that is administered.
   */
  hasChangesAfter(admin: Connection, at: Date): Promise<boolean>;
}

/** Every write of a tenant leaves an event with the time of its transaction. */
export const DATABASE_OF_CELL: HeldDatabase = {
  administered: CELL_DATABASE,
  hasChangesAfter: (admin, at) =>
    isTrue(
      admin,
      'SELECT EXISTS (SELECT FROM clinical.audit_events WHERE at > $1 AND at <= clock_timestamp()) AS found',
      at,
    ),
};

/** Every operation leaves its steps with their times. Only RDS's own database is there before the first one, and after a loss. */
export const CONTROL_DATABASE_OF_PROJECT: HeldDatabase = {
  administered: 'postgres',
  hasChangesAfter: async (admin, at) => {
    const { rows } = await withConnection(admin, (client) =>
      client.query(`SELECT FROM pg_database WHERE datname = 'control'`),
    );
    return (
      rows.length > 0 &&
      isTrue(
        { ...admin, database: 'control' },
        'SELECT EXISTS (SELECT FROM control.operation_steps WHERE at > $1 AND at <= clock_timestamp()) AS found',
        at,
      )
    );
  },
};

const isTrue = (admin: Connection, sql: string, at: Date): Promise<boolean> =>
  withConnection(admin, async (client) => {
    await client.query('SET row_security = off');
    const { rows } = await client.query<{ found: boolean }>(sql, [at]);
    return rows[0]?.found === true;
  });
