import { z } from 'zod';
import { withConnection } from '../../data-plane/database/connect.js';
import { defineResource, type ServedResource } from '../provider/resource.js';
import type { ConfiguredServer } from './server.js';

const inputs = z.strictObject({
  name: z.string().min(1).max(63),
  login: z.boolean(),
  inherit: z.boolean(),
  connectionLimit: z.number().int().min(-1).default(-1),
  statementTimeout: z.number().int().min(0).default(0),
  roles: z.array(z.string()).default([]),
});
type Inputs = z.infer<typeof inputs>;

/** `postgresql:index/role:Role`, without a password: Ringfence sets a SCRAM verifier out of the engine's sight. */
export const role = (server: ConfiguredServer): ServedResource => {
  const put = async (wanted: Inputs) => {
    await withConnection(server.connection(), async (client) => {
      const name = client.escapeIdentifier(wanted.name);
      const known = await client.query<{ privileged: boolean }>(
        'SELECT rolsuper OR rolreplication OR rolbypassrls AS privileged FROM pg_roles WHERE rolname = $1',
        [wanted.name],
      );
      if (known.rowCount === 0) await client.query(`CREATE ROLE ${name}`);
      await client.query(
        `ALTER ROLE ${name} ${wanted.login ? 'LOGIN' : 'NOLOGIN'} ${wanted.inherit ? 'INHERIT' : 'NOINHERIT'}
           NOCREATEDB NOCREATEROLE CONNECTION LIMIT ${wanted.connectionLimit}`,
      );
      // Only a superuser may name these, even to say what is so already.
      if (known.rows[0]?.privileged)
        await client.query(`ALTER ROLE ${name} NOSUPERUSER NOREPLICATION NOBYPASSRLS`);
      await client.query(
        wanted.statementTimeout > 0
          ? `ALTER ROLE ${name} SET statement_timeout = ${wanted.statementTimeout}`
          : `ALTER ROLE ${name} RESET statement_timeout`,
      );
      for (const parent of wanted.roles)
        await client.query(`GRANT ${client.escapeIdentifier(parent)} TO ${name}`);
    });
    return { ...wanted };
  };
  return defineResource<Inputs>({
    inputs,
    replaceOn: ['name'],
    id: ({ name }) => name,
    create: put,
    update: put,
    read: async ({ name }) => {
      const found = await withConnection(server.connection(), (client) =>
        client.query<Inputs>(
          `SELECT r.rolname AS name, r.rolcanlogin AS login, r.rolinherit AS inherit, r.rolconnlimit AS "connectionLimit",
                  coalesce((SELECT substring(s FROM '^statement_timeout=(\\d+)')::int
                              FROM unnest(r.rolconfig) s WHERE s LIKE 'statement_timeout=%'), 0) AS "statementTimeout",
                  ARRAY(SELECT p.rolname::text FROM pg_auth_members m JOIN pg_roles p ON p.oid = m.roleid
                         WHERE m.member = r.oid ORDER BY 1) AS roles
             FROM pg_roles r WHERE r.rolname = $1`,
          [name],
        ),
      );
      return found.rows[0];
    },
    remove: async ({ name }) => {
      await withConnection(server.connection(), async (client) => {
        await client.query(`DROP ROLE IF EXISTS ${client.escapeIdentifier(name)}`);
      });
    },
  });
};
