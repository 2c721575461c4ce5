import { createHash } from 'node:crypto';
import pg from 'pg';
import { type Connection, withConnection } from '../database/connect.js';
import { inDefinitionChange } from '../database/definition-change.js';
import { SUPERUSER_LIMITS } from '../database/login-limits.js';
import { isManaged } from '../database/managed.js';
import { changingRights } from '../database/rights-lock.js';
import { isVerifierOf, scramVerifier } from '../database/scram.js';
import { endLoginSessions } from './end-sessions.js';
import { grantTenantRights } from './tenant-rights.js';

/** A tenant's own login, as its manifest asks for one. */
export interface TenantLogin {
  readonly tenantId: string;
  readonly connections: number;
  readonly statementTimeoutMs: number;
}

/** The name of a tenant's own login. It does not tell the tenant's id, because every login of a server can list names. */
export const loginRoleOf = (tenantId: string): string =>
  `rf_t_${createHash('sha256').update(`ringfence/login/v1/${tenantId}`).digest('hex').slice(0, 32)}`;

/**
 * Makes the login exactly as it should be, whatever was done to it by hand or by its own statements: attributes,
 * memberships, stored settings in every database, password. One transaction; the tenant is enrolled. It signs in unless
 * the tenant is suspended, or at home in another cell.
 */
export const putTenantLogin = (client: pg.Client, login: TenantLogin, password: string): Promise<void> =>
  inDefinitionChange(client, async () => {
    const name = loginRoleOf(login.tenantId);
    const role = pg.escapeIdentifier(name);
    const known = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [name]);
    if (known.rowCount === 0) await client.query(`CREATE ROLE ${role}`);
    const { rows: tenants } = await client.query<{ open: boolean }>(
      `SELECT suspended_by IS NULL AND fence <> 'closed' AS open FROM ringfence.tenants WHERE id = $1`,
      [login.tenantId],
    );
    await client.query(
      `ALTER ROLE ${role} ${tenants[0]?.open ? 'LOGIN' : 'NOLOGIN'} INHERIT NOCREATEDB NOCREATEROLE CONNECTION LIMIT ${Math.trunc(login.connections)} VALID UNTIL 'infinity'`,
    );
    const { rows: above } = await client.query<{ privileged: boolean }>(
      'SELECT rolsuper OR rolreplication OR rolbypassrls AS privileged FROM pg_roles WHERE rolname = $1',
      [name],
    );
    // Only a superuser may name these, even to say what is so already.
    if (above[0]?.privileged) await client.query(`ALTER ROLE ${role} NOSUPERUSER NOREPLICATION NOBYPASSRLS`);
    await leaveGroups(client, name);
    await putSettings(client, name, login.statementTimeoutMs);
    await client.query(`ALTER ROLE ${role} PASSWORD ${pg.escapeLiteral(scramVerifier(password))}`);
    await grantTenantRights(client, name);
    await client.query('UPDATE ringfence.tenants SET login_role = $2 WHERE id = $1', [login.tenantId, name]);
  });

const leaveGroups = async (client: pg.Client, name: string): Promise<void> => {
  const { rows } = await client.query<{ parent: string }>(
    `SELECT DISTINCT p.rolname AS parent FROM pg_auth_members m JOIN pg_roles p ON p.oid = m.roleid
       JOIN pg_roles r ON r.oid = m.member WHERE r.rolname = $1`,
    [name],
  );
  for (const { parent } of rows)
    await client.query(`REVOKE ${pg.escapeIdentifier(parent)} FROM ${pg.escapeIdentifier(name)} CASCADE`);
};

/** Sorted. */
const settingsOf = (statementTimeoutMs: number, managed: boolean): string[] =>
  [
    'idle_in_transaction_session_timeout=60000',
    'lock_timeout=5s',
    `statement_timeout=${Math.trunc(statementTimeoutMs)}`,
    ...(managed ? [] : SUPERUSER_LIMITS),
  ].sort();

const putSettings = async (client: pg.Client, name: string, statementTimeoutMs: number): Promise<void> => {
  const role = pg.escapeIdentifier(name);
  const { rows } = await client.query<{ database: string | null }>(
    `SELECT d.datname AS database FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole
       LEFT JOIN pg_database d ON d.oid = s.setdatabase WHERE r.rolname = $1`,
    [name],
  );
  for (const { database } of rows)
    await client.query(
      `ALTER ROLE ${role} ${database === null ? '' : `IN DATABASE ${pg.escapeIdentifier(database)}`} RESET ALL`,
    );
  for (const setting of settingsOf(statementTimeoutMs, await isManaged(client))) {
    const [key = '', value = ''] = setting.split('=');
    await client.query(`ALTER ROLE ${role} SET ${pg.escapeIdentifier(key)} TO ${pg.escapeLiteral(value)}`);
  }
};

interface FoundLogin {
  readonly connections: number;
  readonly settings: readonly string[];
  readonly plain: boolean;
  readonly groups: readonly string[];
  readonly verifier: string | null;
}

/**
 * Looks at the login. @returns undefined where there is none; else its limits, and whether everything else is as
 * putTenantLogin makes it. The password is compared where the administrator may read verifiers.
 */
export const readTenantLogin = async (
  client: pg.Client,
  login: TenantLogin,
  password: string,
): Promise<
  { readonly connections: number; readonly statementTimeoutMs: number; readonly intact: boolean } | undefined
> => {
  const { rows } = await client.query<FoundLogin>(READ, [loginRoleOf(login.tenantId), login.tenantId]);
  const [found] = rows;
  if (!found) return undefined;
  const timeout = /^statement_timeout=(\d+)$/.exec(
    found.settings.find((setting) => setting.startsWith('statement_timeout=')) ?? '',
  )?.[1];
  const statementTimeoutMs = Number(timeout ?? 0);
  const intact =
    found.plain &&
    [...found.settings].sort().join('\n') ===
      settingsOf(statementTimeoutMs, await isManaged(client)).join('\n') &&
    found.groups.length === 1 &&
    /^ringfence_tenant (?:true|-) (?:false|-) false$/.test(found.groups[0] ?? '') &&
    (found.verifier === null || isVerifierOf(password, found.verifier));
  return { connections: found.connections, statementTimeoutMs, intact };
};

const READ = `
  SELECT r.rolconnlimit AS connections,
         ARRAY(SELECT coalesce(d.datname || ': ', '') || unnest(s.setconfig) FROM pg_db_role_setting s
                 LEFT JOIN pg_database d ON d.oid = s.setdatabase WHERE s.setrole = r.oid ORDER BY 1) AS settings,
         r.rolinherit AND NOT (r.rolsuper OR r.rolcreatedb OR r.rolcreaterole OR r.rolreplication OR r.rolbypassrls)
           AND coalesce(r.rolvaliduntil, 'infinity') = 'infinity'
           AND EXISTS (SELECT FROM ringfence.tenants t WHERE t.id = $2 AND t.login_role = r.rolname
                        AND r.rolcanlogin = (t.suspended_by IS NULL AND t.fence <> 'closed')) AS plain,
         ARRAY(SELECT concat_ws(' ', p.rolname, coalesce(to_jsonb(m) ->> 'inherit_option', '-'), coalesce(to_jsonb(m) ->> 'set_option', '-'), m.admin_option::text)
                 FROM pg_auth_members m JOIN pg_roles p ON p.oid = m.roleid WHERE m.member = r.oid) AS groups,
         CASE WHEN has_table_privilege('pg_authid', 'SELECT')
              THEN (SELECT u.rolpassword FROM pg_authid u WHERE u.oid = r.oid) END AS verifier
    FROM pg_roles r WHERE r.rolname = $1`;

/**
 * Takes the login away with everything that it owns or was granted, in every database of the server: nothing that a
 * tenant left there keeps it alive. Its sessions are ended first. Idempotent.
 */
export const dropTenantLogin = async (admin: Connection, name: string): Promise<void> => {
  await withConnection(admin, async (client) => {
    const known = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [name]);
    if (known.rowCount === 0) return;
    const role = pg.escapeIdentifier(name);
    await inDefinitionChange(client, () => client.query(`ALTER ROLE ${role} NOLOGIN`));
    await endLoginSessions(client, name);
    await changingRights(client, async () => {
      for (const database of await databasesWith(client, name))
        await withConnection({ ...admin, database }, (other) => other.query(`DROP OWNED BY ${role} CASCADE`));
    });
    await client.query('UPDATE ringfence.tenants SET login_role = NULL WHERE login_role = $1', [name]);
    await client.query(`DROP ROLE ${role}`);
  });
};

/** Databases in which something belongs to the login or names it, and this one, which looks after what all share. */
const databasesWith = async (client: pg.Client, name: string): Promise<string[]> => {
  const { rows } = await client.query<{ name: string }>(
    `SELECT d.datname AS name FROM pg_database d
      WHERE d.datallowconn AND (d.datname = current_database()
         OR EXISTS (SELECT FROM pg_shdepend s JOIN pg_roles r ON r.oid = s.refobjid
                     WHERE s.refclassid = 'pg_authid'::regclass AND r.rolname = $1 AND s.dbid = d.oid))`,
    [name],
  );
  return rows.map((row) => row.name);
};
