import { readFileSync } from 'node:fs';
import pg from 'pg';
import { inTransaction, withConnection } from '../../../data-plane/database/connect.js';
import type { ServedResource } from '../provider/resource.js';
import { definePluginResource } from './plugin-resource.js';
import { type FoundRole, readRole } from './read-role.js';
import { type RoleAttributes, roleAttributes, WRITTEN_FOR_ROLES } from './role-attributes.js';
import type { ConfiguredServer } from './server.js';

/** `postgresql:index/role:Role`. */
export const role = (server: ConfiguredServer): ServedResource =>
  definePluginResource<RoleAttributes>({
    attributes: roleAttributes,
    written: WRITTEN_FOR_ROLES,
    unused: ['encrypted', 'password', 'passwordWo', 'passwordWoVersion'],
    replaceOn: [],
    id: ({ name }) => name,
    settle: (wanted, before) =>
      withConnection(server.connection(), (client) =>
        inTransaction(client, async () => {
          if (before && before.name !== wanted.name) {
            const [from, to] = [before.name, wanted.name].map((name) => client.escapeIdentifier(name));
            await client.query(`ALTER ROLE ${from} RENAME TO ${to}`);
          }
          await settleRole(client, wanted);
        }),
      ),
    read: ({ name }) => withConnection(server.connection(), (client) => readRole(client, name)),
    remove: (known) =>
      withConnection(server.connection(), (client) =>
        inTransaction(client, async () => {
          if (!(await readRole(client, known.name))) return;
          if (!known.skipReassignOwned) await takeOver(client, known.name);
          if (!known.skipDropRole) await client.query(`DROP ROLE ${client.escapeIdentifier(known.name)}`);
        }),
      ),
  });

/** The administrator gets the role's objects in the provider's database, and the role's privileges there end. */
const takeOver = async (client: pg.Client, role: string): Promise<void> => {
  const name = client.escapeIdentifier(role);
  const { rows } = await client.query<{ has: boolean }>(`SELECT pg_has_role($1, 'USAGE') AS has`, [role]);
  // A managed administrator has made the role, and need not have its rights.
  if (!rows[0]?.has) await client.query(`GRANT ${name} TO CURRENT_USER WITH INHERIT TRUE`);
  await client.query(`REASSIGN OWNED BY ${name} TO CURRENT_USER`);
  await client.query(`DROP OWNED BY ${name}`);
};

const UNDECLARED = readFileSync(new URL('./queries/undeclared-memberships.sql', import.meta.url), 'utf8');

/** Makes the role, or makes it what is wanted; within the caller's transaction. */
const settleRole = async (client: pg.ClientBase, wanted: RoleAttributes): Promise<void> => {
  const name = pg.escapeIdentifier(wanted.name);
  const held = await readRole(client, wanted.name);
  // The statement for an existing role omits unchanged attributes: on a managed server nobody may say NOSUPERUSER.
  const differing = OPTIONS.filter(([key]) => held?.[key] !== wanted[key]);
  if (!held || differing.length > 0) {
    const options = differing.map(([, clause]) => clause(wanted)).join(' ');
    await client.query(`${held ? 'ALTER' : 'CREATE'} ROLE ${name} ${options}`);
  }
  for (const [setting, textOf] of SETTINGS) {
    const value = textOf(wanted);
    if (value === (held && textOf(held))) continue;
    await client.query(
      value === undefined
        ? `ALTER ROLE ${name} RESET ${setting}`
        : `ALTER ROLE ${name} SET ${setting} TO ${value}`,
    );
  }
  const undeclared = await client.query<{ statement: string }>(UNDECLARED, [wanted.name, wanted.roles]);
  for (const { statement } of undeclared.rows) await client.query(statement);
  for (const parent of wanted.roles) {
    if (!held?.roles.includes(parent)) await client.query(`GRANT ${pg.escapeIdentifier(parent)} TO ${name}`);
  }
};

type Clause = [keyof FoundRole, (role: FoundRole) => string];

const option = (key: keyof FoundRole, word: string): Clause => [
  key,
  (role) => (role[key] ? word : `NO${word}`),
];

const OPTIONS: readonly Clause[] = [
  option('login', 'LOGIN'),
  option('inherit', 'INHERIT'),
  option('superuser', 'SUPERUSER'),
  option('createDatabase', 'CREATEDB'),
  option('createRole', 'CREATEROLE'),
  option('replication', 'REPLICATION'),
  option('bypassRowLevelSecurity', 'BYPASSRLS'),
  ['connectionLimit', ({ connectionLimit }) => `CONNECTION LIMIT ${connectionLimit}`],
  ['validUntil', ({ validUntil }) => `VALID UNTIL ${pg.escapeLiteral(validUntil)}`],
];

const ms = (value: number): string | undefined => (value === 0 ? undefined : String(value));

/** The settings that the plugin knows, as SQL, undefined for none. Others, such as lock_timeout, stay as they are. */
const SETTINGS: readonly [string, (role: FoundRole) => string | undefined][] = [
  ['search_path', (role) => role.searchPaths.map(pg.escapeIdentifier).join(', ') || undefined],
  ['statement_timeout', (role) => ms(role.statementTimeout)],
  ['idle_in_transaction_session_timeout', (role) => ms(role.idleInTransactionSessionTimeout)],
  ['role', (role) => (role.assumeRole === '' ? undefined : pg.escapeIdentifier(role.assumeRole))],
];
