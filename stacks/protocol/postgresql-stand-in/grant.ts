import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { inTransaction, withConnection } from '../../../data-plane/database/connect.js';
import type { ServedResource } from '../provider/resource.js';
import { definePluginResource } from './plugin-resource.js';
import type { ConfiguredServer } from './server.js';

const GRANT = readFileSync(new URL('./queries/grant.sql', import.meta.url), 'utf8');

const attributes = z.strictObject({
  database: z.string(),
  role: z.string(),
  objectType: z.literal('database'),
  privileges: z.array(z.enum(['CONNECT', 'CREATE', 'TEMPORARY'])).transform((names) => [...names].sort()),
  withGrantOption: z.boolean().default(false),
});
type Attributes = z.infer<typeof attributes>;
type Found = Pick<Attributes, 'privileges' | 'withGrantOption'>;

/** `postgresql:index/grant:Grant` on a database: the role has exactly these privileges after it. */
export const grant = (server: ConfiguredServer): ServedResource =>
  definePluginResource<Attributes>({
    attributes,
    written: {},
    unused: ['columns', 'objects', 'schema'],
    replaceOn: ['database', 'role', 'objectType'],
    id: ({ role, database, objectType }) => `${role}_${database}_${objectType}`,
    settle: ({ database, role, privileges, withGrantOption }) =>
      withConnection(server.connection(), (client) =>
        inTransaction(client, async () => {
          const [on, to] = [database, role].map((name) => client.escapeIdentifier(name));
          await client.query(`REVOKE ALL ON DATABASE ${on} FROM ${to} CASCADE`);
          if (privileges.length === 0) return;
          const option = withGrantOption ? ' WITH GRANT OPTION' : '';
          await client.query(`GRANT ${privileges.join(', ')} ON DATABASE ${on} TO ${to}${option}`);
        }),
      ),
    read: ({ database, role }) =>
      withConnection(server.connection(), async (client) => {
        const { rows } = await client.query<Found>(GRANT, [database, role]);
        return rows[0];
      }),
    remove: ({ database, role }) =>
      withConnection(server.connection(), async (client) => {
        // It went with its database or its role.
        if ((await client.query(GRANT, [database, role])).rowCount === 0) return;
        const [on, from] = [database, role].map((name) => client.escapeIdentifier(name));
        await client.query(`REVOKE ALL ON DATABASE ${on} FROM ${from} CASCADE`);
      }),
  });
