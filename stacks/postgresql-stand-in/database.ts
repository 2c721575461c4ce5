import { z } from 'zod';
import { withConnection } from '../../data-plane/database/connect.js';
import { defineResource, type ServedResource } from '../provider/resource.js';
import type { ConfiguredServer } from './server.js';

const inputs = z.strictObject({ name: z.string().min(1).max(63), owner: z.string() });
type Inputs = z.infer<typeof inputs>;

/** `postgresql:index/database:Database`. */
export const database = (server: ConfiguredServer): ServedResource => {
  const put = async ({ name, owner }: Inputs) => {
    await withConnection(server.connection(), async (client) => {
      const [quotedName, quotedOwner] = [client.escapeIdentifier(name), client.escapeIdentifier(owner)];
      const known = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
      await client.query(
        known.rowCount === 0
          ? `CREATE DATABASE ${quotedName} OWNER ${quotedOwner} STRATEGY WAL_LOG`
          : `ALTER DATABASE ${quotedName} OWNER TO ${quotedOwner}`,
      );
    });
    return { name, owner };
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
          `SELECT d.datname AS name, r.rolname AS owner FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba WHERE d.datname = $1`,
          [name],
        ),
      );
      return found.rows[0];
    },
    remove: async ({ name }) => {
      await withConnection(server.connection(), async (client) => {
        await client.query(`DROP DATABASE IF EXISTS ${client.escapeIdentifier(name)} WITH (FORCE)`);
      });
    },
  });
};
