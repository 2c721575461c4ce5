import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { withConnection } from '../../../data-plane/database/connect.js';
import { dropTenantLogin } from '../../../data-plane/enrolment/tenant-login.js';
import { grantTenantRights } from '../../../data-plane/enrolment/tenant-rights.js';
import type { Scenario, SuiteCase } from '../case.js';
import { held, leaked, unproven } from '../judge.js';
import { canaryLoginPrefix } from '../remove.js';
import type { Stage } from '../stage.js';

/** Things that a login could have left before it was closed out, with their database and kind. `%` stands for its name. */
const LEFT: ReadonlyArray<readonly [id: string, tried: string, database: string | null, sql: string]> = [
  [
    'large-object',
    'a large object in another database',
    'postgres',
    `DO $$ BEGIN EXECUTE format('ALTER LARGE OBJECT %s OWNER TO %', lo_create(0)); END $$`,
  ],
  [
    'default-privileges',
    'default privileges for everyone',
    null,
    'ALTER DEFAULT PRIVILEGES FOR ROLE % GRANT SELECT ON TABLES TO PUBLIC',
  ],
  [
    'default-privileges-elsewhere',
    'default privileges in another database',
    'postgres',
    'ALTER DEFAULT PRIVILEGES FOR ROLE % GRANT SELECT ON TABLES TO PUBLIC',
  ],
  [
    'table',
    'a table in another database',
    'postgres',
    'CREATE TABLE public.canary_left (x int); ALTER TABLE public.canary_left OWNER TO %',
  ],
  [
    'grant',
    'a right that another one gave it',
    null,
    'GRANT SELECT ON ringfence.clinics TO % WITH GRANT OPTION',
  ],
];

const barricade = (id: string, tried: string, database: string | null, sql: string): SuiteCase => ({
  id: `barricade/${id}`,
  isolation: [42],
  tried: `Erasing a tenant whose login left ${tried}`,
  expected: 'the login goes, with what it left',
  run: async (stage: Stage) => {
    const { admin } = stage.target;
    const name = `${await canaryLoginPrefix(stage.admin)}${randomBytes(6).toString('hex')}`;
    await stage.admin.query(`CREATE ROLE ${pg.escapeIdentifier(name)} LOGIN`);
    await grantTenantRights(stage.admin, name);
    const where = { ...admin, database: database ?? admin.database };
    const leaves = await withConnection(where, (client) =>
      client.query(sql.replaceAll(/%(?!s)/g, pg.escapeIdentifier(name))),
    ).then(
      () => true,
      () => false,
    );
    const dropped = await dropTenantLogin(admin, name).then(
      () => true,
      () => false,
    );
    const { rowCount } = await stage.admin.query('SELECT FROM pg_roles WHERE rolname = $1', [name]);
    if (!leaves) return unproven('nothing could be left');
    return dropped && rowCount === 0 ? held('gone') : leaked('the login is still there');
  },
});

export const BARRICADE: Scenario = {
  name: 'barricade',
  title: 'Barricade',
  about: 'A tenant that does not want to be erased: what its login leaves behind must not keep it alive.',
  cases: () => LEFT.map(([id, tried, database, sql]) => barricade(id, tried, database, sql)),
};
