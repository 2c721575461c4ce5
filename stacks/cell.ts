import { Database } from '@pulumi/postgresql/database.js';
import { Grant } from '@pulumi/postgresql/grant.js';
import { Provider } from '@pulumi/postgresql/provider.js';
import { Role } from '@pulumi/postgresql/role.js';
import type * as pulumi from '@pulumi/pulumi';
import { CELL_DATABASE } from './names.js';
import { CellDatabase, LocalServer, RootKey } from './resources.js';

/** A cell to bring up. */
export interface CellProgramArgs {
  readonly cell: string;
  readonly tier: 'shared' | 'dedicated';
  readonly region: string;
  readonly port: number | undefined;
  readonly admin: { readonly user: string; readonly password: pulumi.Input<string> };
  /** Hash of the cell migrations of this release. */
  readonly schemaHash: string;
}

const NO_LOGIN_ROLES = ['ringfence_owner', 'ringfence_gate', 'ringfence_tenant'] as const;
const APP_ROLE = 'ringfence_app';

/** The program of stack `cell.<name>` on the local target: server, root key, roles, database, schema. */
export const cellProgram = (args: CellProgramArgs) => (): Record<string, unknown> => {
  const server = new LocalServer('server', {
    cell: args.cell,
    ...(args.port === undefined ? {} : { port: args.port }),
  });
  const rootKey = new RootKey('root-key', { cell: args.cell });
  const provider = new Provider('postgres', {
    host: server.host,
    port: server.currentPort,
    username: args.admin.user,
    password: args.admin.password,
    database: 'postgres',
    sslmode: 'disable',
  });
  // What lives in the server goes with it.
  const within = { provider, deletedWith: server };
  const roles = [
    ...NO_LOGIN_ROLES.map((name) => new Role(name, { name, login: false, inherit: false }, within)),
    new Role(APP_ROLE, { name: APP_ROLE, login: true, inherit: false }, within),
  ];
  const database = new Database('database', { name: CELL_DATABASE, owner: args.admin.user }, within);
  const schema = new CellDatabase(
    'schema',
    { cell: args.cell, schemaHash: args.schemaHash },
    { dependsOn: [database, ...roles], deletedWith: server },
  );
  // One after the other: both change the database's row of the catalogue, and Postgres refuses one of two at once.
  let before: pulumi.Resource = schema;
  for (const role of [APP_ROLE, 'ringfence_tenant']) {
    const grant = { database: database.name, role, objectType: 'database', privileges: ['CONNECT'] };
    before = new Grant(`connect-${role}`, grant, { ...within, dependsOn: [before] });
  }
  return {
    cell: args.cell,
    tier: args.tier,
    region: args.region,
    host: server.host,
    port: server.currentPort,
    database: database.name,
    rootKeyId: rootKey.rootKeyId,
  };
};
