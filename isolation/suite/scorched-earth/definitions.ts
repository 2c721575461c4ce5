import type { RefusedStatement } from '../statement.js';

const definition = (id: string, tried: string, sql: string): RefusedStatement => ({
  id: `definition/${id}`,
  isolation: [38],
  tried,
  sql,
});

/** Statements that change the database's definition, not its rows. A role may change some parts of its own. */
export const DEFINITIONS: readonly RefusedStatement[] = [
  definition(
    'drop-owned',
    'Taking the login of all tenants out of every policy and grant',
    'DROP OWNED BY CURRENT_USER',
  ),
  definition('drop-owned-name', 'The same by its name', 'DROP OWNED BY ringfence_app CASCADE'),
  definition('drop-owned-group', 'The same for the group of tenant logins', 'DROP OWNED BY ringfence_tenant'),
  definition(
    'default-privileges',
    'Changing the rights on whatever the login makes later',
    'ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC',
  ),
  definition('reindex', 'Building the indexes of a tenant table anew', 'REINDEX TABLE clinical.services'),
  definition(
    'statistics',
    'Having the planner keep statistics over columns of a tenant table',
    'CREATE STATISTICS canary_s ON name, duration_minutes FROM clinical.services',
  ),
  definition('grant', 'Granting a right', 'GRANT SELECT ON clinical.services TO PUBLIC'),
  definition('revoke', 'Taking a right away', 'REVOKE SELECT ON clinical.services FROM ringfence_app'),
  definition('comment', 'Writing a comment', `COMMENT ON TABLE clinical.services IS 'canary'`),
  definition(
    'function',
    'Making a function',
    `CREATE FUNCTION canary_f() RETURNS int LANGUAGE sql AS 'SELECT 1'`,
  ),
  definition('procedure', 'Making a procedure', `CREATE PROCEDURE canary_p() LANGUAGE sql AS 'SELECT 1'`),
  definition('view', 'Making a view', 'CREATE VIEW canary_v AS SELECT 1'),
  definition('temporary-view', 'Making a temporary view', 'CREATE TEMP VIEW canary_v AS SELECT 1'),
  definition('table-as', 'Making a table of rows', 'CREATE TABLE canary_t AS SELECT 1 AS x'),
  definition('select-into', 'Making a table by SELECT INTO', 'SELECT 1 AS x INTO canary_t'),
  definition('type', 'Making a type', 'CREATE TYPE canary_y AS ENUM ()'),
  definition('domain', 'Making a domain', 'CREATE DOMAIN canary_d AS text'),
  definition('schema', 'Making a schema', 'CREATE SCHEMA canary_n'),
  definition('extension', 'Making an extension', 'CREATE EXTENSION IF NOT EXISTS pg_trgm'),
  definition('policy', 'Taking a policy away', 'DROP POLICY clinic_boundary ON clinical.services'),
  definition('trigger', 'Switching a trigger off', 'ALTER TABLE clinical.services DISABLE TRIGGER ALL'),
  definition(
    'event-trigger',
    'Switching the refusal of all this off',
    'ALTER EVENT TRIGGER ringfence_definitions DISABLE',
  ),
];

const session = (id: string, tried: string, sql: string): RefusedStatement => ({
  id: `session/${id}`,
  isolation: [11, 38],
  tried,
  sql,
});

/** Statements whose effect would stay in a pooled connection for the next tenant, or fill it. */
export const SESSION: readonly RefusedStatement[] = [
  session(
    'setting',
    'Writing settings by a function, by the thousand in one statement',
    `SELECT set_config('canary.s' || n, 'x', false) FROM generate_series(1, 10) n`,
  ),
  session('seed', "Choosing the next tenant's random numbers", 'SELECT setseed(0.5)'),
  session('terminate', 'Ending other sessions of the login', 'SELECT pg_terminate_backend(pg_backend_pid())'),
  session('system-setting', "Changing the server's configuration", `SELECT pg_reload_conf()`),
];
