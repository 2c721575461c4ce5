import type pg from 'pg';
import type { SuiteCase } from '../case.js';
import { held, leaked, unproven } from '../judge.js';
import { rolledBack, type Stage } from '../stage.js';

/** Changes that Postgres lets every login make to itself. */
const SELF: ReadonlyArray<readonly [id: string, tried: string, sql: string]> = [
  [
    'time-zone',
    "Giving every tenant's sessions another time zone",
    `ALTER ROLE ringfence_app SET TimeZone = 'Asia/Tokyo'`,
  ],
  [
    'time-out',
    "Giving every tenant's statements a millisecond",
    `ALTER ROLE ringfence_app SET statement_timeout = '1ms'`,
  ],
  ['row-security', 'Having every policy raise an error', 'ALTER ROLE ringfence_app SET row_security = off'],
  [
    'read-only',
    "Letting no tenant's session write",
    'ALTER ROLE ringfence_app SET default_transaction_read_only = on',
  ],
  ['invented', 'Keeping an invented setting', `ALTER ROLE ringfence_app SET canary.kept = 'x'`],
  ['reset', 'Taking its limits away', 'ALTER ROLE ringfence_app RESET ALL'],
  [
    'password',
    'Giving it another password, so that nobody gets in',
    `ALTER ROLE ringfence_app PASSWORD 'canary'`,
  ],
  ['no-password', 'Taking its password away', 'ALTER ROLE ringfence_app PASSWORD NULL'],
];

/** The stored settings and the verifier, as the catalogue has them. */
const kept = async (client: pg.Client): Promise<string> => {
  const { rows } = await client.query<{ kept: string }>(
    `SELECT concat_ws(E'\n', u.rolpassword, (SELECT string_agg(s.setdatabase || ' ' || c, E'\n' ORDER BY s.setdatabase, c)
              FROM pg_db_role_setting s, unnest(s.setconfig) c WHERE s.setrole = u.oid)) AS kept
       FROM pg_authid u WHERE u.rolname = 'ringfence_app'`,
  );
  return rows[0]?.kept ?? '';
};

/** The effect stays for the rest of the transaction, unless it is refused. */
const attemptAndKeep = async (client: pg.Client, sql: string): Promise<{ sqlstate?: string | undefined }> => {
  await client.query('SAVEPOINT canary');
  try {
    await client.query(sql);
    return {};
  } catch (error) {
    await client.query('ROLLBACK TO SAVEPOINT canary');
    return { sqlstate: (error as { code?: string }).code };
  }
};

/**
 * The login changes itself, and the case puts it back as a connecting application does. All in one transaction that is
 * rolled back, so that no real session sees the change.
 */
const putBack = (id: string, tried: string, statement: (stage: Stage) => Promise<string>): SuiteCase => ({
  id: `scorched-earth/login/${id}`,
  isolation: [38],
  tried,
  expected: 'it is put back as soon as an application connects',
  run: (stage) =>
    rolledBack(stage.admin, async () => {
      const before = await kept(stage.admin);
      const sql = await statement(stage);
      await stage.admin.query('SET LOCAL SESSION AUTHORIZATION ringfence_app');
      const { sqlstate } = await attemptAndKeep(stage.admin, sql);
      await stage.admin.query('RESET SESSION AUTHORIZATION');
      if (sqlstate === '42501') return held('refused (SQLSTATE 42501)');
      if ((await kept(stage.admin)) === before) return unproven('the login could not change itself');
      await stage.admin.query('SELECT ringfence_private.keep_logins()');
      return (await kept(stage.admin)) === before ? held('put back') : leaked('it stays changed');
    }),
});

export const LOGIN: readonly SuiteCase[] = [
  ...SELF.map(([id, tried, sql]) => putBack(id, tried, async () => sql)),
  putBack(
    'in-database',
    "Giving every tenant's sessions of this database another time zone",
    async ({ admin }) => {
      const { rows } = await admin.query<{ name: string }>('SELECT quote_ident(current_database()) AS name');
      return `ALTER ROLE ringfence_app IN DATABASE ${rows[0]?.name} SET TimeZone = 'Asia/Tokyo'`;
    },
  ),
];
