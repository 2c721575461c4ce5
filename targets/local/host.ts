import { RingfenceError } from '../../core/errors.js';
import { localHistory } from '../../data-plane/backup/cell/local-history.js';
import { CELL_DATABASE } from '../../data-plane/database/cell-database.js';
import { asAdministrator, type Connection } from '../../data-plane/database/connect.js';
import { isArchiving } from '../../data-plane/database/server/archiving.js';
import {
  ensureLocalServer,
  type LocalServer,
  localServerLogin,
  localServerStatus,
  runningLocalServer,
  stopLocalServer,
} from '../../data-plane/database/server/local-server.js';
import { cellLoss, dataLost } from '../../data-plane/database/server/lost-data.js';
import {
  dropStreamPassword,
  keepStreamPassword,
  listStreamPasswords,
} from '../../data-plane/database/server/stream-password.js';
import { failOver, planFailover } from '../../data-plane/replica/fail-over.js';
import { readReplica } from '../../data-plane/replica/replica-status.js';
import { loopback } from '../network/loopback.js';
import type { CellHost, HostedCell } from '../target.js';
import { localWhereabouts } from './whereabouts.js';

/** The embedded Postgres of a local cell. @param dir the cell's folder. */
export const localHost = (
  dir: string,
  { name, port: deployedPort }: Pick<HostedCell, 'name' | 'port'>,
  reached: (point: string) => void,
): CellHost => {
  const state: CellHost['state'] = async () => {
    const status = localServerStatus(dir);
    return status === 'absent' && deployedPort !== null ? 'lost' : status;
  };
  const inCell = (server: LocalServer): Connection =>
    asAdministrator(loopback.reach({ ...server, database: CELL_DATABASE }));
  /** Starts a server that was stopped or killed: a command that needs its cell brings it up by itself. */
  const adminConnection: CellHost['adminConnection'] = async () => {
    const running = runningLocalServer(dir);
    if (running) return inCell(running);
    const found = await state();
    if (found === 'lost') throw dataLost(dir, cellLoss(name));
    if (found === 'absent') {
      throw new RingfenceError('database_unavailable', `cell ${name} has no Postgres on this machine`, {
        fix: `bring it up with \`ringfence cells up ${name}\``,
      });
    }
    return inCell(await ensureLocalServer(dir));
  };
  return {
    network: loopback,
    state,
    declared: async (port) => ({ kind: 'local', port }),
    login: async (port) => localServerLogin(dir, portOption(port)),
    async prepare(port) {
      // Starts a stopped server before the engine reads it, so that a refresh sees its present port.
      if (localServerStatus(dir) !== 'absent') await startArchivingServer(dir, name, portOption(port));
      return {};
    },
    wake: async () => void (await ensureLocalServer(dir, { whenLost: cellLoss(name) })),
    stop: async () => stopLocalServer(dir),
    adminConnection,
    streams: {
      group: null,
      keep: async (login, credentials) => keepStreamPassword(dir, login, credentials),
      drop: async (login) => dropStreamPassword(dir, login),
      list: async () => listStreamPasswords(dir),
    },
    replica: () => readReplica(dir),
    planFailover: () => planFailover(dir),
    failOver: (options) => failOver(dir, options),
    history: () => localHistory({ dir, connect: adminConnection, reached }),
    whereabouts: (part) => localWhereabouts(dir, `cell ${name}`, part),
  };
};

const portOption = (port: number | undefined): { port?: number } => (port === undefined ? {} : { port });

/** Restarts a server that does not archive its WAL, as servers of earlier versions. */
const startArchivingServer = async (
  dir: string,
  cell: string,
  port: { readonly port?: number },
): Promise<void> => {
  const options = { ...port, archiving: true, whenLost: cellLoss(cell) };
  if (await isArchiving(await ensureLocalServer(dir, options))) return;
  stopLocalServer(dir);
  await ensureLocalServer(dir, options);
};
