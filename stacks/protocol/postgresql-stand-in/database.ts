import { readFileSync } from 'node:fs';
import pg from 'pg';
import { z } from 'zod';
import { withConnection } from '../../../data-plane/database/connect.js';
import type { ServedResource } from '../provider/resource.js';
import { definePluginResource } from './plugin-resource.js';
import type { ConfiguredServer } from './server.js';

const DATABASE = readFileSync(new URL('./queries/database.sql', import.meta.url), 'utf8');

/** The default template of a database. The catalogue does not tell it afterwards. */
const TEMPLATE = 'template0';

const WRITTEN = { allowConnections: true, connectionLimit: -1 };

/** An input that the program leaves out and that has no default is taken over as it is. */
const attributes = z.strictObject({
  name: z.string().min(1).max(63),
  owner: z.string().optional(),
  template: z.string().optional(),
  encoding: z.string().optional(),
  lcCollate: z.string().optional(),
  lcCtype: z.string().optional(),
  tablespaceName: z.string().optional(),
  connectionLimit: z.number().int().min(-1).default(WRITTEN.connectionLimit),
  allowConnections: z.boolean().default(WRITTEN.allowConnections),
  isTemplate: z.boolean().optional(),
  alterObjectOwnership: z.literal(false).default(false),
});
type Attributes = z.infer<typeof attributes>;
type Found = Omit<Attributes, 'template' | 'alterObjectOwnership'>;

/** `postgresql:index/database:Database`. */
export const database = (server: ConfiguredServer): ServedResource =>
  definePluginResource<Attributes>({
    attributes,
    written: WRITTEN,
    unused: [],
    replaceOn: ['template', 'encoding', 'lcCollate', 'lcCtype'],
    id: ({ name }) => name,
    settle: (wanted, before) =>
      withConnection(server.connection(), async (client) => {
        const name = client.escapeIdentifier(wanted.name);
        if (before && before.name !== wanted.name)
          await client.query(`ALTER DATABASE ${client.escapeIdentifier(before.name)} RENAME TO ${name}`);
        const held = await read(client, wanted.name);
        if (!held) await client.query(creation(wanted));
        else
          for (const change of changes(held, wanted)) await client.query(`ALTER DATABASE ${name} ${change}`);
      }),
    read: ({ name, template = TEMPLATE }) =>
      withConnection(server.connection(), async (client) => {
        const found = await read(client, name);
        return found && { ...found, template };
      }),
    remove: ({ name }) =>
      withConnection(server.connection(), async (client) => {
        const quoted = client.escapeIdentifier(name);
        if ((await read(client, name))?.isTemplate)
          await client.query(`ALTER DATABASE ${quoted} IS_TEMPLATE false`);
        await client.query(`DROP DATABASE IF EXISTS ${quoted} WITH (FORCE)`);
      }),
  });

const read = async (client: pg.Client, name: string): Promise<Found | undefined> =>
  (await client.query<Found>(DATABASE, [name])).rows[0];

const creation = (wanted: Attributes): string => {
  const { owner, template = TEMPLATE, encoding, lcCollate, lcCtype, tablespaceName } = wanted;
  return [
    `CREATE DATABASE ${pg.escapeIdentifier(wanted.name)} TEMPLATE ${pg.escapeIdentifier(template)}`,
    `ENCODING ${pg.escapeLiteral(encoding ?? 'UTF8')}`,
    ...(owner ? [`OWNER ${pg.escapeIdentifier(owner)}`] : []),
    ...(lcCollate ? [`LC_COLLATE ${pg.escapeLiteral(lcCollate)}`] : []),
    ...(lcCtype ? [`LC_CTYPE ${pg.escapeLiteral(lcCtype)}`] : []),
    ...(tablespaceName ? [`TABLESPACE ${pg.escapeIdentifier(tablespaceName)}`] : []),
    `ALLOW_CONNECTIONS ${wanted.allowConnections} CONNECTION LIMIT ${wanted.connectionLimit}`,
    `IS_TEMPLATE ${wanted.isTemplate ?? false}`,
  ].join(' ');
};

/** What ALTER DATABASE has to say. */
const changes = (held: Found, wanted: Attributes): string[] => {
  const { owner, tablespaceName, connectionLimit, allowConnections, isTemplate } = wanted;
  const differs = (key: keyof Found): boolean => wanted[key] !== undefined && wanted[key] !== held[key];
  return [
    ...(owner && differs('owner') ? [`OWNER TO ${pg.escapeIdentifier(owner)}`] : []),
    ...(tablespaceName && differs('tablespaceName')
      ? [`SET TABLESPACE ${pg.escapeIdentifier(tablespaceName)}`]
      : []),
    ...(differs('connectionLimit') ? [`CONNECTION LIMIT ${connectionLimit}`] : []),
    ...(differs('allowConnections') ? [`ALLOW_CONNECTIONS ${allowConnections}`] : []),
    ...(differs('isTemplate') ? [`IS_TEMPLATE ${isTemplate}`] : []),
  ];
};
