import { cellSchemaHash } from '../../data-plane/database/schema-hash.js';
import { isArchiving } from '../../data-plane/database/server/archiving.js';
import {
  ensureLocalServer,
  localServerLogin,
  localServerStatus,
  stopLocalServer,
} from '../../data-plane/database/server/local-server.js';
import { cellStack } from '../../stacks/names.js';
import type { ResourceChange } from '../deployment/change.js';
import { deployStack, previewStack, type StackRun } from '../deployment/stack-run.js';
import { withLock } from '../lock.js';
import {
  type Cell,
  findCell,
  getCell,
  listCells,
  recordCell,
  recordCellDeployment,
  recordHistoryDays,
} from '../registry/cells.js';
import type { Runtime } from '../runtime.js';
import { beginHistory } from './cell-history.js';

/** Stands for the login of a server that a preview must not make. */
export const UNKNOWN_LOGIN = { user: 'ringfence_admin', password: 'made by the deployment' };

/** A cell that is wanted; only the name is needed for one that exists. */
export interface CellRequest {
  readonly name: string;
  readonly tier: 'shared' | 'dedicated';
  readonly region: string;
  /** Loopback port of a local cell; a free one when left out. */
  readonly port?: number;
  /** How many days back any second of it can be restored; as it was when left out, 7 at first. */
  readonly historyDays?: number;
}

/** Brings a cell up: server, root key, roles, database, schema. Also finds it again after a crash or a reboot. */
export const bringCellUp = async (
  runtime: Runtime,
  request: CellRequest,
  onChange?: (change: ResourceChange) => void,
): Promise<Cell> =>
  withLock(runtime.control, `cell/${request.name}`, async () => {
    const known = await findCell(runtime.control, request.name);
    const cell = await recordCell(runtime.control, { ...request, target: 'local' });
    runtime.reached('cell-recorded');
    if (request.historyDays !== undefined)
      await recordHistoryDays(runtime.control, cell.name, request.historyDays);
    const dir = runtime.target.cellDir(cell.name);
    const login = localServerLogin(dir, portOption(request));
    const run = { ...stackRun(request, login), ...(onChange ? { onChange } : {}) };
    // A stopped server is started before the engine looks at it, so that a refresh sees where it listens now.
    if (localServerStatus(dir) !== 'absent') await startArchivingServer(dir, portOption(request));
    const outputs = await deployStack(await runtime.stackRunner(), {
      ...run,
      recover: known !== undefined,
      refresh: known !== undefined,
    });
    runtime.reached('cell-deployed');
    await recordCellDeployment(runtime.control, cell.name, {
      rootKeyId: String(outputs.rootKeyId),
      port: Number(outputs.port),
    });
    await beginHistory(runtime, cell.name);
    return getCell(runtime.control, cell.name);
  });

/** Brings the cell up unless it runs where it was deployed. */
export const ensureCell = async (
  runtime: Runtime,
  request: CellRequest,
  onChange?: (change: ResourceChange) => void,
): Promise<Cell> => {
  const cell = await findCell(runtime.control, request.name);
  if (cell && (await isUp(runtime, cell))) return cell;
  return bringCellUp(runtime, request, onChange);
};

/** What bringing the cell up would change. */
export const previewCell = async (runtime: Runtime, request: CellRequest): Promise<ResourceChange[]> => {
  const exists = (await findCell(runtime.control, request.name))?.port != null;
  const admin = exists ? localServerLogin(runtime.target.cellDir(request.name)) : UNKNOWN_LOGIN;
  return previewStack(await runtime.stackRunner(), { ...stackRun(request, admin), recover: false, exists });
};

/** The cell runs, on the port that its stack was deployed with. */
export const isUp = async (runtime: Runtime, cell: Cell): Promise<boolean> => {
  if (cell.port === null) return false;
  const connection = await runtime.target.adminConnection(cell.name).catch(() => undefined);
  return connection?.port === cell.port;
};

/** Names of the cells that run. */
export const runningCells = async (runtime: Runtime): Promise<string[]> => {
  const names: string[] = [];
  for (const cell of await listCells(runtime.control)) if (await isUp(runtime, cell)) names.push(cell.name);
  return names;
};

const stackRun = (
  request: CellRequest,
  admin: { user: string; password: string },
): Omit<StackRun, 'recover'> => ({
  stack: cellStack(request.name),
  inputs: {
    kind: 'cell',
    cell: request.name,
    tier: request.tier,
    region: request.region,
    port: request.port ?? null,
  },
  program: async () => {
    const { cellProgram } = await import('../../stacks/cell.js');
    return cellProgram({
      cell: request.name,
      tier: request.tier,
      region: request.region,
      port: request.port,
      admin,
      schemaHash: cellSchemaHash(),
    })();
  },
});

/** A server that runs without archiving its WAL, as those of earlier versions do, is started once more. */
const startArchivingServer = async (dir: string, port: { port?: number }): Promise<void> => {
  const options = { ...port, archiving: true };
  if (await isArchiving(await ensureLocalServer(dir, options))) return;
  stopLocalServer(dir);
  await ensureLocalServer(dir, options);
};

const portOption = (request: CellRequest): { port?: number } =>
  request.port === undefined ? {} : { port: request.port };
