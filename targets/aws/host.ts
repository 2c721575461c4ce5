import { RingfenceError } from '../../core/errors.js';
import { asAdministrator } from '../../data-plane/database/connect.js';
import type { CellHost, Network } from '../target.js';
import type { AdminConnections } from './admin-connections.js';
import type { Rds } from './rds/api.js';
import type { HeldDatabase } from './rds/held-database.js';
import { rdsHistory } from './rds/history.js';
import { type RdsInstance, requireSuitable } from './rds/instance.js';
import { rdsStreams } from './rds/streams.js';
import { rdsWhereabouts } from './rds/whereabouts.js';

/** The instance of Amazon RDS of a cell. AWS is asked for its address and password when they are needed; nothing keeps them. */
export const rdsHost = (options: {
  readonly cell: string;
  /** Its identifier. */
  readonly instance: string;
  /** Whether Ringfence made it. */
  readonly isOurs: boolean;
  readonly holds: HeldDatabase;
  /** Of the cell's region, and of any other. */
  readonly rds: Rds;
  readonly rdsIn: (region: string) => Rds;
  /** As `atEndpoint` tells it. */
  readonly endpoint: string;
  readonly network: Network;
  /** The master user's, where RDS does not manage it. */
  readonly password: string | undefined;
  readonly connections: AdminConnections;
  readonly reached: (point: string) => void;
  readonly say: (line: string) => void;
}): CellHost => {
  const { cell, instance: identifier, holds, rds, network, reached, say } = options;

  const adminConnection: CellHost['adminConnection'] = () =>
    options.connections(cell, async () => {
      const instance = await rds.get(identifier);
      return asAdministrator(
        network.reach({
          ...endpointOf(instance),
          user: instance.masterUser,
          password: await masterPassword(rds, instance, options.password),
          database: holds.administered,
        }),
      );
    });

  return {
    network,
    async state() {
      try {
        const instance = await rds.find(identifier);
        if (instance === undefined) return 'absent';
        return instance.status === 'available' ? 'running' : 'stopped';
      } catch (error) {
        if (error instanceof RingfenceError) return 'unreachable';
        throw error;
      }
    },
    declared: async () => ({ kind: 'existing', ...endpointOf(await rds.get(identifier)) }),
    async login() {
      const { user, password } = await adminConnection();
      return { user, password, ...(network.caFile === undefined ? {} : { caFile: network.caFile }) };
    },
    async prepare(port) {
      if (port !== undefined)
        throw new RingfenceError('usage', `--port is for a local cell: RDS says where ${cell} listens`);
      const instance = await rds.get(identifier);
      requireSuitable(instance);
      return { keptDays: instance.retentionDays };
    },
    async wake() {
      const instance = await rds.get(identifier);
      if (options.isOurs && instance.isProtected) throw protectedInstance(cell, identifier);
    },
    stop: async () => {
      throw new RingfenceError('usage', `cell ${cell} is on Amazon RDS, which Ringfence does not stop`, {
        fix: `stop it yourself: aws rds stop-db-instance --db-instance-identifier ${identifier}`,
      });
    },
    adminConnection,
    streams: rdsStreams(identifier, adminConnection),
    replica: async () => undefined,
    planFailover: async () => failsOverItself(cell, identifier),
    failOver: async () => failsOverItself(cell, identifier),
    history: () => rdsHistory({ rds, instance: identifier, connect: adminConnection, holds, reached, say }),
    whereabouts: (part) =>
      rdsWhereabouts(part, {
        id: identifier,
        rds,
        rdsIn: options.rdsIn,
        endpoint: options.endpoint,
        connect: adminConnection,
      }),
  };
};

const protectedInstance = (cell: string, identifier: string): RingfenceError =>
  new RingfenceError(
    'conflict',
    `instance ${identifier} of cell ${cell} is protected from deletion, and nothing was removed`,
    {
      fix: `end its protection, and run the command again: aws rds modify-db-instance --db-instance-identifier ${identifier} --no-deletion-protection --apply-immediately`,
    },
  );

const failsOverItself = (cell: string, identifier: string): never => {
  throw new RingfenceError('usage', `cell ${cell} is on Amazon RDS, which fails over by itself`, {
    fix: `have RDS do it: aws rds reboot-db-instance --db-instance-identifier ${identifier} --force-failover`,
  });
};

const endpointOf = ({ id, status, endpoint }: RdsInstance): { host: string; port: number } => {
  if (endpoint) return endpoint;
  throw new RingfenceError('database_unavailable', `instance ${id} has no address yet: it is ${status}`, {
    fix: 'wait until RDS has done its work',
  });
};

/**
 * The master user's password: RDS's own secret where RDS manages it, else the one that was given.
 * @throws RingfenceError config_invalid without either.
 */
export const masterPassword = async (
  rds: Rds,
  instance: RdsInstance,
  given: string | undefined,
): Promise<string> => {
  if (instance.secretArn !== undefined) return rds.managedPassword(instance.secretArn);
  if (given !== undefined && given !== '') return given;
  throw new RingfenceError('config_invalid', `the password of ${instance.id}’s master user is not known`, {
    fix: 'let RDS manage it (aws rds modify-db-instance --manage-master-user-password), or set RINGFENCE_RDS_PASSWORD',
  });
};
