import type pg from 'pg';
import { inTransaction, withConnection } from '../../../data-plane/database/connect.js';
import type { ServedResource } from '../provider/resource.js';
import { definePluginResource } from './plugin-resource.js';
import { readRole } from './read-role.js';
import { type RoleAttributes, roleAttributes, WRITTEN_FOR_ROLES } from './role-attributes.js';
import type { ConfiguredServer } from './server.js';
import { settleRole } from './settle-role.js';

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
