import { readFileSync } from 'node:fs';
import pg from 'pg';
import { type FoundRole, readRole } from './read-role.js';
import type { RoleAttributes } from './role-attributes.js';

const UNDECLARED = readFileSync(new URL('./queries/undeclared-memberships.sql', import.meta.url), 'utf8');

/** Makes the role, or makes it what is wanted; within the caller's transaction. */
export const settleRole = async (client: pg.ClientBase, wanted: RoleAttributes): Promise<void> => {
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
