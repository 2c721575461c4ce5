import pg from 'pg';
import { Client } from '../../../data-plane/database/client.js';
import { type Attempted, attempt } from '../../attempt.js';
import type { Outcome, SuiteCase } from '../case.js';
import { held, judgeRefusal, leaked, unproven } from '../judge.js';
import { asClinic, type Stage } from '../stage.js';
import type { RefusedStatement } from '../statement.js';

/** The setting that holds the context; only ringfence_gate may write it. */
const SETTING = 'backtrace_functions';
const victim = (stage: Stage): string => stage.b.clinicId.replaceAll('-', '');

const written = (id: string, tried: string, sql: (clinic: string) => string): RefusedStatement => ({
  id: `context/${id}`,
  isolation: [12],
  tried: `Writing another clinic into the context by ${tried}`,
  sql: (stage) => sql(victim(stage)),
});

/** An update that reached no row did nothing, which is a refusal too. */
const nothingUpdated = ({ sqlstate }: Attempted): Outcome | undefined =>
  sqlstate === undefined ? held('nothing could be updated') : undefined;

export const CONTEXT: readonly RefusedStatement[] = [
  written('set', 'SET', (clinic) => `SET ${SETTING} = '${clinic}'`),
  written('set-local', 'SET LOCAL', (clinic) => `SET LOCAL ${SETTING} = '${clinic}'`),
  written('set-session', 'SET SESSION', (clinic) => `SET SESSION ${SETTING} TO '${clinic}'`),
  written(
    'set-config',
    'set_config() for the transaction',
    (clinic) => `SELECT set_config('${SETTING}', '${clinic}', true)`,
  ),
  written(
    'set-config-session',
    'set_config() for the session',
    (clinic) => `SELECT set_config('${SETTING}', '${clinic}', false)`,
  ),
  written(
    'injected',
    'set_config() injected into a WHERE clause',
    (clinic) =>
      `SELECT * FROM ringfence.clinics WHERE name = '' OR set_config('${SETTING}', '${clinic}', true) <> ''`,
  ),
  written(
    'injected-limit',
    'set_config() injected into a LIMIT',
    (clinic) => `SELECT * FROM ringfence.clinics LIMIT length(set_config('${SETTING}', '${clinic}', true))`,
  ),
  written(
    'alter-role',
    'a setting of the login',
    (clinic) => `ALTER ROLE CURRENT_USER SET ${SETTING} = '${clinic}'`,
  ),
  written(
    'alter-role-database',
    'a setting of the login in this database',
    (clinic) => `ALTER ROLE ringfence_app IN DATABASE postgres SET ${SETTING} = '${clinic}'`,
  ),
  {
    ...written('alter-database', 'a setting of the database', () => ''),
    sql: (stage) =>
      `ALTER DATABASE ${pg.escapeIdentifier(stage.target.app.database)} SET ${SETTING} = '${victim(stage)}'`,
  },
  written(
    'function-clause',
    'a function with a SET clause',
    (clinic) =>
      `CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql SET ${SETTING} = '${clinic}' AS 'SELECT 1'`,
  ),
  {
    ...written(
      'pg-settings',
      'an update of pg_settings',
      (clinic) => `UPDATE pg_settings SET setting = '${clinic}' WHERE name = '${SETTING}'`,
    ),
    judge: nothingUpdated,
  },
  written(
    'grant-setting',
    'granting itself the right to write it',
    () => `GRANT SET ON PARAMETER ${SETTING} TO CURRENT_USER`,
  ),
  written(
    'replace-enter',
    'replacing the function that enters',
    () => `CREATE OR REPLACE FUNCTION ringfence.enter(token bytea) RETURNS void LANGUAGE sql AS 'SELECT'`,
  ),
  written(
    'alter-enter',
    'changing the function that enters',
    () => 'ALTER FUNCTION ringfence.enter(bytea) SECURITY INVOKER',
  ),
  written(
    'replace-current',
    'replacing the function that tells the clinic',
    (clinic) =>
      `CREATE OR REPLACE FUNCTION ringfence.current_clinic() RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT '${clinic}'::uuid $$`,
  ),
  written(
    'doors',
    'a door of its own',
    () => 'INSERT INTO ringfence_private.doors SELECT * FROM ringfence_private.doors WHERE false',
  ),
  written(
    'new-key',
    'a signing key of its own',
    () => `INSERT INTO ringfence_private.context_keys (key_id, inner_pad, outer_pad) VALUES (9, '', '')`,
  ),
];

const CUSTOM = [
  'ringfence.clinic_id',
  'ringfence.current_clinic',
  'app.clinic_id',
  'app.current_clinic',
  'app.tenant_id',
  'request.jwt.claims',
  'jwt.claims.clinic_id',
];

/** Settings that anyone may write, and names that other products believe. */
export const SPOOFED_SETTINGS: readonly SuiteCase[] = CUSTOM.map((setting) => ({
  id: `forged-badge/spoofed/${setting}`,
  isolation: [12],
  tried: `Claiming to be another clinic in the setting ${setting}, which everybody may write`,
  expected: 'it changes nothing: no row of another clinic, with a context or without',
  run: async (stage) => {
    const { clinicId } = stage.b;
    for (const attacker of [stage.a, null]) {
      const rows = await asClinic(stage, attacker, async (client) => {
        const value = setting.endsWith('claims') ? JSON.stringify({ clinic_id: clinicId }) : clinicId;
        await client.query(`SET LOCAL ${setting} = ${client.escapeLiteral(value)}`);
        return (await client.query(`SELECT FROM ringfence.clinics WHERE id = $1`, [clinicId])).rowCount;
      });
      if (rows !== 0) return leaked('the other clinic became visible');
    }
    return held('no row');
  },
}));

/** A login that brings the context along when it connects. */
export const CONNECTION_OPTION: SuiteCase = {
  id: 'forged-badge/context/connection-option',
  isolation: [12],
  tried: 'Writing another clinic into the context by an option of the connection',
  expected: 'the connection is refused',
  run: async (stage) => {
    const options = `-c ${SETTING}=${victim(stage)}`;
    const client = new Client({ ...stage.target.app, options, connectionTimeoutMillis: 5_000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return leaked('the connection was accepted');
    } catch (error) {
      const { code } = error as { code?: string };
      return code === '42501'
        ? held('refused (SQLSTATE 42501)')
        : unproven(`ended with ${code ?? 'no SQLSTATE'}`);
    } finally {
      await client.end().catch(() => undefined);
    }
  },
};

const ROLES = [
  'ringfence_gate',
  'ringfence_owner',
  'ringfence_tenant',
  'pg_read_all_data',
  'pg_write_all_data',
  'pg_monitor',
  'pg_read_server_files',
  'pg_execute_server_program',
  'pg_signal_backend',
  'pg_database_owner',
];

/** Every way to become another role. The administrator's name is that of the target. */
export const ROLE_SPOOFING: readonly SuiteCase[] = [...ROLES, null].flatMap((role) => {
  const name = (stage: Stage): string => role ?? stage.target.admin.user;
  const title = role ?? 'the administrator';
  const ways: ReadonlyArray<readonly [string, string, (quoted: string, literal: string) => string]> = [
    ['set-role', 'SET ROLE', (quoted) => `SET LOCAL ROLE ${quoted}`],
    [
      'set-session-authorization',
      'SET SESSION AUTHORIZATION',
      (quoted) => `SET LOCAL SESSION AUTHORIZATION ${quoted}`,
    ],
    ['set-config-role', 'set_config()', (_, literal) => `SELECT set_config('role', ${literal}, true)`],
    ['grant-role', 'granting itself membership', (quoted) => `GRANT ${quoted} TO CURRENT_USER`],
  ];
  return ways.map(([id, way, sql]) => ({
    id: `forged-badge/role/${id}/${role ?? 'administrator'}`,
    isolation: [13],
    tried: `Becoming ${title} by ${way}`,
    expected: 'refused',
    run: (stage: Stage) =>
      asClinic(stage, stage.a, async (client) =>
        judgeRefusal(
          await attempt(client, sql(client.escapeIdentifier(name(stage)), client.escapeLiteral(name(stage)))),
          // 0LP01, 0A000 and 28000: this role takes no members, this login may not be taken.
          ['0LP01', '28000', '0A000'],
        ),
      ),
  }));
});

/** Secrets and lists that would allow a forgery, and rights that would make it needless. */
export const PRIVILEGES: readonly RefusedStatement[] = [
  [
    'keys',
    'Reading the keys that sign context tokens',
    'SELECT * FROM ringfence_private.context_keys LIMIT 0',
  ],
  [
    'door-keys',
    'Reading the doors, which hold those keys too',
    'SELECT * FROM ringfence_private.doors LIMIT 0',
  ],
  ['tenants', "Reading the list of the cell's tenants", 'SELECT * FROM ringfence.tenants LIMIT 0'],
  ['quotas', "Reading other tenants' quotas", 'SELECT * FROM ringfence.quotas LIMIT 0'],
  ['passwords', 'Reading the password verifiers of logins', 'SELECT rolpassword FROM pg_authid LIMIT 0'],
  ['shadow', 'Reading them through pg_shadow', 'SELECT passwd FROM pg_shadow LIMIT 0'],
  [
    'user-mappings',
    'Reading the passwords of foreign servers',
    'SELECT umoptions FROM pg_user_mapping LIMIT 0',
  ],
  [
    'subscriptions',
    'Reading connection strings of subscriptions',
    'SELECT subconninfo FROM pg_subscription LIMIT 0',
  ],
  ['sync-doors', 'Calling the function that keeps the doors', 'SELECT ringfence_private.sync_doors()'],
  ['bypass', 'Exempting its login from all policies', 'ALTER ROLE CURRENT_USER BYPASSRLS'],
  ['superuser', 'Making its login a superuser', 'ALTER ROLE CURRENT_USER SUPERUSER'],
  ['new-role', 'Making a login of its own', `CREATE ROLE canary_none LOGIN BYPASSRLS`],
  ['new-superuser', 'Making a superuser', 'CREATE ROLE canary_none SUPERUSER'],
  [
    'administrator-password',
    "Changing the owner role's password",
    `ALTER ROLE ringfence_owner LOGIN PASSWORD 'x'`,
  ],
  [
    'default-privileges',
    'Giving itself rights on tables to come',
    'ALTER DEFAULT PRIVILEGES FOR ROLE ringfence_owner GRANT ALL ON TABLES TO PUBLIC',
  ],
  ['reassign', 'Taking over what the owner role owns', 'REASSIGN OWNED BY ringfence_owner TO CURRENT_USER'],
  [
    'enrolment',
    'Enrolling a tenant',
    `INSERT INTO ringfence.tenants (id, slug, state, login_role) SELECT gen_random_uuid(), 'x', 'active', 'x'`,
  ],
  [
    'adopt-clinic',
    'Moving a clinic to another tenant',
    'UPDATE ringfence.clinics SET tenant_id = tenant_id WHERE false',
  ],
].map(([id = '', tried = '', sql = '']) => ({ id: `right/${id}`, isolation: [12, 13], tried, sql }));
