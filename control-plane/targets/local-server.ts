import { isArchiving } from '../../data-plane/database/server/archiving.js';
import {
  ensureLocalServer,
  localServerLogin,
  localServerStatus,
  stopLocalServer,
} from '../../data-plane/database/server/local-server.js';
import { cellLoss } from '../../data-plane/database/server/lost-data.js';
import type { CellServer } from '../../stacks/protocol/provider/dependencies.js';
import type { Cell } from '../cells/store.js';

/** The embedded Postgres of a local cell. */
export const localCellServer = (
  dir: string,
  { name, port: deployedPort }: Pick<Cell, 'name' | 'port'>,
): CellServer => ({
  hasSuperuser: true,
  async state() {
    const status = localServerStatus(dir);
    return status === 'absent' && deployedPort !== null ? 'lost' : status;
  },
  declared: async (port) => ({ kind: 'local', port }),
  login: async (port) => localServerLogin(dir, portOption(port)),
  async prepare(port) {
    // A stopped server is started before the engine looks at it, so that a refresh sees where it listens now.
    if (localServerStatus(dir) !== 'absent') await startArchivingServer(dir, name, portOption(port));
    return {};
  },
  wake: async () => void (await ensureLocalServer(dir, { whenLost: cellLoss(name) })),
  stop: async () => stopLocalServer(dir),
});

/** A server that runs without archiving its WAL, as those of earlier versions do, is started once more. */
const startArchivingServer = async (dir: string, cell: string, port: { port?: number }): Promise<void> => {
  const options = { ...port, archiving: true, whenLost: cellLoss(cell) };
  if (await isArchiving(await ensureLocalServer(dir, options))) return;
  stopLocalServer(dir);
  await ensureLocalServer(dir, options);
};

const portOption = (port: number | undefined): { port?: number } => (port === undefined ? {} : { port });
