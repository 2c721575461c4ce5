import { RingfenceError } from '../../../core/errors.js';
import { withConnection } from '../../../data-plane/database/connect.js';
import type { Outcome, Scenario, SuiteCase } from '../case.js';
import { held, leaked, unproven } from '../judge.js';
import type { Stage } from '../stage.js';

/** The databases that every server has. */
const OTHERS = ['postgres', 'template1'] as const;

const tryToOpen = (stage: Stage, database: string): Promise<Outcome> =>
  withConnection({ ...stage.target.app, database }, async () => leaked('it was let in')).catch(
    (error: unknown) => {
      const cause =
        error instanceof RingfenceError ? (error.cause as { code?: string } | undefined) : undefined;
      return cause?.code === '42501'
        ? held('refused (SQLSTATE 42501)')
        : unproven(`ended with ${cause?.code}`);
    },
  );

const CASES: readonly SuiteCase[] = [
  ...OTHERS.map((database) => ({
    id: `back-yard/login/${database}`,
    isolation: [39],
    tried: `Opening the database ${database} of the same server with the application's login, where nothing is hardened`,
    expected: 'the connection is refused',
    run: (stage: Stage) => tryToOpen(stage, database),
  })),
  {
    id: 'back-yard/every-login',
    isolation: [39],
    tried: 'Looking for a database besides this one that the application or a tenant may open',
    expected: 'none that every server has',
    run: async ({ admin }) => {
      const { rows } = await admin.query<{ name: string }>(
        `SELECT DISTINCT d.datname AS name FROM pg_database d CROSS JOIN pg_roles r
          WHERE d.datname = ANY ($1) AND d.datallowconn AND has_database_privilege(r.oid, d.oid, 'CONNECT')
            AND (r.rolname IN ('ringfence_app', 'ringfence_keeper', 'ringfence_tenant')
              OR r.rolname IN (SELECT login_role FROM ringfence.tenants))`,
        [OTHERS],
      );
      return rows.length === 0 ? held('none') : leaked(`${rows.length} databases are open to them`);
    },
  },
];

export const BACK_YARD: Scenario = {
  name: 'back-yard',
  title: 'Back Yard',
  about:
    'What protects tenants ends at one database: the others of the server have large objects, advisory locks, code and sessions of the same login.',
  cases: () => CASES,
};
