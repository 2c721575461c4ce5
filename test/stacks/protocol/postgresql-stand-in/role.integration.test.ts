import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Properties } from '../../../../stacks/protocol/provider/resource.js';
import { sql, stackResource, standIn } from './scene.js';

const NAME = 'stand_in_role';
const DECLARED = {
  name: NAME,
  login: true,
  inherit: false,
  connectionLimit: 5,
  idleInTransactionSessionTimeout: 60_000,
  roles: ['stand_in_group'],
};
const HELPERS = ['stand_in_group', 'stand_in_other', 'stand_in_between'];

describe('a Role of the stand-in', () => {
  let role: Awaited<ReturnType<typeof stackResource>>;

  beforeEach(async () => {
    await sql(...HELPERS.map((name) => `CREATE ROLE ${name}`));
    role = await stackResource(standIn().resource('Role'), DECLARED);
  });
  afterEach(async () => {
    await sql(...[NAME, 'stand_in_renamed', ...HELPERS].map((name) => `DROP ROLE IF EXISTS ${name}`));
  });

  const settles = async () => {
    expect(await role.up()).not.toEqual([]);
    expect(await role.refresh()).toEqual({});
    expect(await role.up()).toEqual([]);
  };

  test('is seen as it was declared', async () => {
    expect(await role.refresh()).toEqual({});
    expect(await role.up()).toEqual([]);
  });

  test.each<[string, Properties]>([
    ['BYPASSRLS', { bypassRowLevelSecurity: true }],
    ['SUPERUSER', { superuser: true }],
    ['CREATEROLE', { createRole: true }],
    ['CREATEDB', { createDatabase: true }],
    ['REPLICATION', { replication: true }],
    ['NOLOGIN', { login: false }],
    ['INHERIT', { inherit: true }],
    ['CONNECTION LIMIT 7', { connectionLimit: 7 }],
    [`VALID UNTIL '2031-01-01 00:00:00+00'`, { validUntil: expect.stringContaining('2031-01-01') }],
    [`SET search_path TO public, "Odd"`, { searchPaths: ['public', 'Odd'] }],
    [`SET statement_timeout TO '2min'`, { statementTimeout: 120_000 }],
    ['SET idle_in_transaction_session_timeout TO 1000', { idleInTransactionSessionTimeout: 1000 }],
    ['RESET idle_in_transaction_session_timeout', { idleInTransactionSessionTimeout: 0 }],
    ['SET role TO stand_in_other', { assumeRole: 'stand_in_other' }],
  ])('ALTER ROLE ... %s is found, and brought back', async (change, found) => {
    await sql(`ALTER ROLE ${NAME} ${change}`);
    expect(await role.refresh()).toEqual(found);
    expect(await role.up()).toEqual(Object.keys(found));
    expect(await role.refresh()).toEqual({});
    expect(await role.up()).toEqual([]);
  });

  test('a membership by hand is found and revoked, a declared one stays as it is', async () => {
    await sql(
      `GRANT stand_in_other TO ${NAME}`,
      `GRANT stand_in_group TO ${NAME} WITH INHERIT TRUE, SET FALSE`,
    );
    expect(await role.refresh()).toEqual({ roles: ['stand_in_group', 'stand_in_other'] });
    await settles();
    expect(
      await sql(
        `SELECT roleid::regrole::text AS role, set_option FROM pg_auth_members WHERE member = '${NAME}'::regrole`,
      ),
    ).toEqual([{ role: 'stand_in_group', set_option: false }]);
  });

  test('a membership that somebody else granted is revoked, with what was passed on', async () => {
    await sql(
      'GRANT stand_in_other TO stand_in_between WITH ADMIN OPTION',
      `GRANT stand_in_other TO ${NAME} WITH ADMIN OPTION GRANTED BY stand_in_between`,
      `GRANT stand_in_other TO stand_in_group GRANTED BY ${NAME}`,
    );
    expect(await role.refresh()).toEqual({ roles: ['stand_in_group', 'stand_in_other'] });
    await settles();
    expect(
      await sql(
        `SELECT member::regrole::text AS member FROM pg_auth_members WHERE roleid = 'stand_in_other'::regrole`,
      ),
    ).toEqual([{ member: 'stand_in_between' }]);
  });

  test('a membership that was taken away is given again', async () => {
    await sql(`REVOKE stand_in_group FROM ${NAME}`);
    expect(await role.refresh()).toEqual({ roles: [] });
    await settles();
  });

  test('a setting that the plugin does not know stays as it is', async () => {
    await sql(`ALTER ROLE ${NAME} SET lock_timeout TO '5s'`, `ALTER ROLE ${NAME} SET statement_timeout TO 1`);
    expect(await role.refresh()).toEqual({ statementTimeout: 1 });
    await settles();
    expect(await sql(`SELECT rolconfig FROM pg_roles WHERE rolname = '${NAME}'`)).toEqual([
      { rolconfig: ['idle_in_transaction_session_timeout=60000', 'lock_timeout=5s'] },
    ]);
  });

  test('that is there already is taken over, and brought to what is declared', async () => {
    await sql(`ALTER ROLE ${NAME} SUPERUSER`, `GRANT stand_in_other TO ${NAME}`);
    const again = await stackResource(standIn().resource('Role'), DECLARED);
    expect(again.state()).toMatchObject({ superuser: false, roles: ['stand_in_group'] });
  });

  test('under another name is the same role', async () => {
    const [before] = await sql(`SELECT '${NAME}'::regrole::oid AS oid`);
    expect(await role.up({ ...DECLARED, name: 'stand_in_renamed' })).toEqual(['name']);
    expect(await sql(`SELECT 'stand_in_renamed'::regrole::oid AS oid`)).toEqual([before]);
  });

  test('that is gone is seen to be gone, and its removal is no error', async () => {
    await sql(`DROP ROLE ${NAME}`);
    expect(await role.refresh()).toBeUndefined();
    await role.remove();
  });

  test('takes what it owns with it as the plugin does, unless it is told to leave that', async () => {
    await sql(
      `CREATE SCHEMA stand_in_schema AUTHORIZATION ${NAME}`,
      `GRANT USAGE ON SCHEMA public TO ${NAME}`,
    );
    await role.up({ ...DECLARED, skipReassignOwned: true });
    await expect(role.remove()).rejects.toThrow();
    await role.up();
    await role.remove();
    expect(await sql(`SELECT to_regrole('${NAME}') AS role`)).toEqual([{ role: null }]);
    expect(await sql('DROP SCHEMA stand_in_schema', 'SELECT 1 AS left')).toEqual([{ left: 1 }]);
  });

  test('has no property that is not known, a password neither', () => {
    const resource = standIn().resource('Role');
    for (const unknown of [{ password: 'x' }, { passwordWo: 'x' }, { logn: true }, { connectionLimit: -2 }])
      expect(resource.check({ name: NAME, ...unknown }).failures).toHaveLength(1);
  });
});
