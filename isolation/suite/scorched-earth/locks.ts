import { withConnection } from '../../../data-plane/database/connect.js';
import type { SuiteCase } from '../case.js';
import { held, leaked, unproven } from '../judge.js';
import { backendPid } from '../stage.js';

/** Short, so that real tenants do not wait behind a lock that waits. */
const WAIT = `SET lock_timeout = '300ms'`;

export const LOCKS: readonly SuiteCase[] = [
  {
    id: 'scorched-earth/lock/table',
    isolation: [19, 38],
    tried: 'Locking a whole tenant table, and having the cell put in order',
    expected: 'the session that locks is ended',
    run: async (stage) => {
      const { rows } = await stage.admin.query<{ name: string }>(
        `SELECT name FROM unnest($1::text[]) AS name WHERE has_table_privilege('ringfence_app', name, 'DELETE') LIMIT 1`,
        [stage.tables.map(({ name }) => name)],
      );
      const [table] = rows;
      if (!table) return unproven('there is no table that the application may lock');
      return withConnection(stage.target.app, async (client) => {
        await client.query(`${WAIT}; BEGIN`);
        try {
          await client.query(`LOCK TABLE ${table.name} IN ACCESS EXCLUSIVE MODE`);
        } catch {
          return unproven('the table was in use');
        }
        await stage.admin.query('SELECT ringfence_private.end_table_locks()');
        const { rowCount } = await stage.admin.query(
          `SELECT FROM pg_locks WHERE pid = $1 AND locktype = 'relation' AND mode = 'AccessExclusiveLock'`,
          [backendPid(client)],
        );
        return rowCount === 0 ? held('ended') : leaked('it locks on');
      });
    },
  },
];
