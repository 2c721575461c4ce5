import { z } from 'zod';
import { withConnection } from '../../data-plane/database/connect.js';
import { defineResource, type ServedResource } from '../provider/resource.js';
import type { ConfiguredServer } from './server.js';

const inputs = z.strictObject({
  database: z.string(),
  role: z.string(),
  objectType: z.literal('database'),
  privileges: z.array(z.enum(['CONNECT', 'CREATE', 'TEMPORARY'])),
});
type Inputs = z.infer<typeof inputs>;

/** `postgresql:index/grant:Grant` on a database: the role has exactly these privileges after it. */
export const grant = (server: ConfiguredServer): ServedResource => {
  const put = async (wanted: Inputs) => {
    await withConnection(server.connection(), async (client) => {
      const [database, role] = [
        client.escapeIdentifier(wanted.database),
        client.escapeIdentifier(wanted.role),
      ];
      await client.query(`REVOKE ALL ON DATABASE ${database} FROM ${role}`);
      if (wanted.privileges.length > 0) {
        await client.query(`GRANT ${wanted.privileges.join(', ')} ON DATABASE ${database} TO ${role}`);
      }
    });
    return { ...wanted };
  };
  return defineResource<Inputs>({
    inputs,
    replaceOn: ['database', 'role', 'objectType'],
    id: ({ role, database }) => `${role}_${database}`,
    create: put,
    update: put,
    read: async ({ database, role }) => {
      const found = await withConnection(server.connection(), (client) =>
        client.query<{ privilege: Inputs['privileges'][number] }>(
          `SELECT acl.privilege_type AS privilege FROM pg_database d, aclexplode(d.datacl) acl
             JOIN pg_roles r ON r.oid = acl.grantee WHERE d.datname = $1 AND r.rolname = $2 ORDER BY 1`,
          [database, role],
        ),
      );
      const privileges = found.rows.map((row) => row.privilege);
      return privileges.length === 0 ? undefined : { database, role, objectType: 'database', privileges };
    },
    remove: async ({ database, role }) => {
      await withConnection(server.connection(), async (client) => {
        await client.query(
          `REVOKE ALL ON DATABASE ${client.escapeIdentifier(database)} FROM ${client.escapeIdentifier(role)}`,
        );
      });
    },
  });
};
