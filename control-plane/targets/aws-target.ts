import { RingfenceError } from '../../core/errors.js';
import { rdsHistory } from '../../data-plane/backup/cell/rds-history.js';
import { asAdministrator, type Connection } from '../../data-plane/database/connect.js';
import { openRds, type Rds } from '../../data-plane/database/rds/api.js';
import { authoritiesFile, readAuthorities } from '../../data-plane/database/rds/authorities.js';
import { type RdsInstance, requireSuitable } from '../../data-plane/database/rds/instance.js';
import { masterPassword } from '../../data-plane/database/rds/password.js';
import { CELL_DATABASE } from '../../stacks/names.js';
import type { CellServer } from '../../stacks/protocol/provider/dependencies.js';
import type { Cell } from '../cells/store.js';
import type { CellHost } from './cell-host.js';
import { rdsClients } from './rds-clients.js';

/** RDS changes a password that it manages every seven days, and a worker runs for longer than that. */
const REMEMBER_MS = 60_000;

/**
 * Cells on instances of Amazon RDS that are there already. Where an instance listens and its password are asked of AWS when
 * they are needed, and kept nowhere.
 */
export const awsTarget = (
  cellDir: (cell: string) => string,
  env: NodeJS.ProcessEnv,
  reached: (point: string) => void,
  say: (line: string) => void,
): CellHost => {
  const regions = new Map<string, Rds>();
  const rdsOf = ({ region }: Cell): Rds => {
    const rds = regions.get(region) ?? openRds(rdsClients(region));
    regions.set(region, rds);
    return rds;
  };
  const instanceOf = (cell: Cell): Promise<RdsInstance> => rdsOf(cell).get(identifierOf(cell));
  const passwordOf = (cell: Cell, instance: RdsInstance): Promise<string> =>
    masterPassword(rdsOf(cell), instance, env.RINGFENCE_RDS_PASSWORD);

  const known = new Map<string, { readonly connection: Promise<Connection>; readonly untilMs: number }>();
  const ask = async (cell: Cell): Promise<Connection> => {
    const instance = await instanceOf(cell);
    return asAdministrator({
      ...endpointOf(instance),
      user: instance.masterUser,
      password: await passwordOf(cell, instance),
      database: CELL_DATABASE,
      ssl: { ca: readAuthorities(cellDir(cell.name)) },
    });
  };
  const adminConnection = (cell: Cell): Promise<Connection> => {
    const nowMs = performance.now();
    const remembered = known.get(cell.name);
    if (remembered && remembered.untilMs > nowMs) return remembered.connection;
    const connection = ask(cell);
    known.set(cell.name, { connection, untilMs: nowMs + REMEMBER_MS });
    connection.catch(() => known.delete(cell.name));
    return connection;
  };

  const server = (cell: Cell): CellServer => ({
    hasSuperuser: false,
    async state() {
      try {
        const instance = await rdsOf(cell).find(identifierOf(cell));
        if (instance === undefined) return 'absent';
        return instance.status === 'available' ? 'running' : 'stopped';
      } catch (error) {
        if (error instanceof RingfenceError) return 'unreachable';
        throw error;
      }
    },
    declared: async () => ({ kind: 'existing', ...endpointOf(await instanceOf(cell)) }),
    async login() {
      const { user, password } = await adminConnection(cell);
      return { user, password, caFile: authoritiesFile(cellDir(cell.name)) };
    },
    async prepare(port) {
      if (port !== undefined)
        throw new RingfenceError('usage', `--port is for a local cell: RDS says where ${cell.name} listens`);
      const instance = await instanceOf(cell);
      requireSuitable(instance);
      return { keptDays: instance.retentionDays };
    },
    wake: async () => undefined,
    stop: async () => {
      throw new RingfenceError('usage', `cell ${cell.name} is on Amazon RDS, which Ringfence does not stop`, {
        fix: `stop it yourself: aws rds stop-db-instance --db-instance-identifier ${identifierOf(cell)}`,
      });
    },
  });

  return {
    adminConnection,
    server,
    history: (cell) =>
      rdsHistory({
        rds: rdsOf(cell),
        instance: identifierOf(cell),
        connect: () => adminConnection(cell),
        reached,
        say,
      }),
  };
};

const identifierOf = ({ name, rdsInstance }: Cell): string => {
  if (rdsInstance !== null) return rdsInstance;
  throw new RingfenceError('internal', `no instance is recorded for cell ${name}`);
};

const endpointOf = ({ id, status, endpoint }: RdsInstance): { host: string; port: number } => {
  if (endpoint) return endpoint;
  throw new RingfenceError('database_unavailable', `instance ${id} has no address yet: it is ${status}`, {
    fix: 'wait until RDS has done its work',
  });
};
