import { Database } from '@pulumi/postgresql/database.js';
import { Grant } from '@pulumi/postgresql/grant.js';
import { Role } from '@pulumi/postgresql/role.js';
import type * as pulumi from '@pulumi/pulumi';
import type { Replicas } from '../../core/replicas.js';
import type { Size } from '../../core/sizes.js';
import { CELL_DATABASE } from '../../data-plane/database/cell-database.js';
import { APP_LIMITS, KEEPER_LIMITS } from '../../data-plane/database/login-limits.js';
import type { ServerSettings as Settings } from '../../data-plane/database/server/size/settings.js';
import type { DeclaredServer, ServerLogin } from '../../targets/target.js';
import { CellDatabase } from '../resources/cell-database.js';
import { LocalReplica } from '../resources/local-replica.js';
import { LocalServer } from '../resources/local-server.js';
import { RootKey } from '../resources/root-key.js';
import { ServerSettings } from '../resources/server-settings.js';
import { serverProvider } from '../server-provider.js';

/** A cell to bring up. */
export interface CellProgramArgs {
  readonly cell: string;
  readonly tier: 'shared' | 'dedicated';
  readonly region: string;
  readonly server: DeclaredServer;
  readonly admin: ServerLogin;
  /** Hash of the cell migrations of this release. */
  readonly schemaHash: string;
  readonly size: Size;
  /** What the size means for its server; undefined for a server whose settings are not ours. */
  readonly settings: Settings | undefined;
  readonly replicas: Replicas;
}

const NO_LOGIN_ROLES = ['ringfence_owner', 'ringfence_gate', 'ringfence_tenant'] as const;
const APP_ROLE = 'ringfence_app';
const KEEPER_ROLE = 'ringfence_keeper';
/** The engine removes no role that still owns something: the plugin would drop those objects first. */
const CELL_ROLE = { inherit: false, skipReassignOwned: true };

/** Protects resources that hold rows or open them: the engine refuses to delete or replace them until a purge ends this. */
const KEPT = { protect: true };

/** The program of stack `cell.<name>`: a local cell's server, root key, roles, database, schema. */
export const cellProgram = (args: CellProgramArgs) => (): Record<string, unknown> => {
  const { made, host, port } = placeServer(args.cell, args.server);
  const rootKey = new RootKey('root-key', { cell: args.cell }, KEPT);
  // Objects in a server that we made go with it.
  const deleted = made ? { deletedWith: made } : {};
  const { cell, size, settings } = args;
  // A restart for them ends the sessions of all others, which come after it.
  const sized = settings
    ? [new ServerSettings('settings', { cell, size, ...settings }, { ...deleted, dependsOn: made ?? [] })]
    : [];
  const provider = serverProvider({ host, port, database: 'postgres' }, args.admin, { dependsOn: sized });
  const within = { provider, ...deleted };
  const roles = [
    ...NO_LOGIN_ROLES.map((name) => new Role(name, { ...CELL_ROLE, name, login: false }, within)),
    new Role(APP_ROLE, { ...CELL_ROLE, ...APP_LIMITS, name: APP_ROLE, login: true }, within),
    new Role(KEEPER_ROLE, { ...CELL_ROLE, ...KEEPER_LIMITS, name: KEEPER_ROLE, login: true }, within),
  ];
  // On a server that stays the database goes first, because the roles own its objects.
  const owned = made ? {} : { dependsOn: roles };
  const database = new Database(
    'database',
    // The plugin leaves a template flag alone that nobody declares, and anyone may copy a template.
    { name: CELL_DATABASE, owner: args.admin.user, isTemplate: false },
    { ...within, ...owned, ...KEPT },
  );
  const schema = new CellDatabase(
    'schema',
    { cell: args.cell, schemaHash: args.schemaHash, differences: [] },
    { dependsOn: [database, ...roles], ...deleted, ...KEPT },
  );
  // One after the other: both change the database's row of the catalogue, and Postgres refuses one of two at once.
  let before: pulumi.Resource = schema;
  for (const role of [APP_ROLE, KEEPER_ROLE, 'ringfence_tenant']) {
    const grant = { database: database.name, role, objectType: 'database', privileges: ['CONNECT'] };
    before = new Grant(`connect-${role}`, grant, { ...within, dependsOn: [before] });
  }
  if (args.replicas === 1 && made && settings) {
    const replica = { cell, primaryPort: made.currentPort, streaming: true, ...settings };
    new LocalReplica('replica', replica, { ...deleted, dependsOn: [before, ...sized] });
  }
  return {
    cell: args.cell,
    tier: args.tier,
    region: args.region,
    host,
    port,
    database: database.name,
    rootKeyId: rootKey.rootKeyId,
  };
};

/** The resource of a server that we make, and where the server listens. */
const placeServer = (
  cell: string,
  declared: DeclaredServer,
): { made?: InstanceType<typeof LocalServer>; host: pulumi.Input<string>; port: pulumi.Input<number> } => {
  if (declared.kind === 'existing') return { host: declared.host, port: declared.port };
  const { port } = declared;
  const made = new LocalServer('server', { cell, ...(port === undefined ? {} : { port }) }, KEPT);
  return { made, host: made.host, port: made.currentPort };
};
