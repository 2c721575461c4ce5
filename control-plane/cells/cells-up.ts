import { RingfenceError } from '../../core/errors.js';
import type { Replicas } from '../../core/replicas.js';
import { DEFAULT_SIZE, type Size } from '../../core/sizes.js';
import { cellSchemaHash } from '../../data-plane/database/schema-hash.js';
import { cellLoss, dataLost } from '../../data-plane/database/server/lost-data.js';
import { cellStack } from '../../stacks/names.js';
import { DEFAULT_PLACE, type Place } from '../../targets/index.js';
import type { CellHost, DeclaredServer, ServerCredentials } from '../../targets/target.js';
import { recordDeployment } from '../deployments/record-deployment.js';
import { lastApplied } from '../deployments/store.js';
import type { ResourceChange } from '../engine/run/change.js';
import { stackHash } from '../engine/run/stack-hash.js';
import { deployStack, type PreviewRun, previewStack, type StackRun } from '../engine/run/stack-run.js';
import { withLock } from '../project/lock.js';
import type { Runtime } from '../runtime.js';
import { beginHistory } from './cell-history.js';
import { deployInfrastructure, infrastructureOf } from './infrastructure.js';
import { cellsPassedOver } from './passed-over.js';
import { refuseForeignReplica } from './replicas.js';
import { readSettingDrift, refuseTooSmall, requireSized, settingsOf } from './size.js';
import {
  type Cell,
  findCell,
  forgetCell,
  getCell,
  listCells,
  recordAddress,
  recordCell,
  recordCellDeployment,
  recordHistoryDays,
  recordReplicas,
  recordSize,
} from './store.js';

/** A placeholder for the login of a server that a preview must not make. */
const UNKNOWN_LOGIN: ServerCredentials = {
  user: 'ringfence_admin',
  password: 'made by the deployment',
};

/** The description of a wanted cell. An existing cell needs only its name. */
export interface CellRequest {
  readonly name: string;
  readonly tier: 'shared' | 'dedicated';
  readonly region: string;
  /** Loopback port of a local cell; a free one when left out. */
  readonly port?: number;
  /** The number of days back to which every second can be restored. Left out, it stays as it was; 7 at first. */
  readonly historyDays?: number;
  /** Its size class. Left out, it stays as it was; the smallest at first. */
  readonly size?: Size;
  /** How many replicas it shall have. Left out, it stays as it was; none at first. */
  readonly replicas?: Replicas;
  /** The slug of a tenant that is about to come into it: what a dedicated cell costs is of that tenant from its first day on. */
  readonly arriving?: string;
  /** The target of a new cell; this machine when left out. */
  readonly place?: NewPlace;
}

/** A place, and the file of the authorities (PEM) of its server's certificate; the provider's own when left out. */
export interface NewPlace extends Place {
  readonly caFile?: string;
  /** Of a cell that is there: the address that this one was made from. */
  readonly before?: Cell['address'];
}

/** What a cell is to be: as the request says, else as it is recorded, else as a cell is at first. */
export const wantedOf = (
  request: Pick<CellRequest, 'place' | 'size' | 'replicas'>,
  known: Cell | undefined,
): Place & { readonly size: Size; readonly replicas: Replicas } => {
  const { target, address } = request.place ?? known ?? DEFAULT_PLACE;
  return {
    target,
    address,
    size: request.size ?? known?.size ?? DEFAULT_SIZE,
    replicas: request.replicas ?? known?.replicas ?? 0,
  };
};

/** Brings a cell up: server, root key, roles, database, schema. Also works after a crash or a reboot. */
export const bringCellUp = async (
  runtime: Runtime,
  request: CellRequest,
  onChange?: (change: ResourceChange) => void,
): Promise<Cell> =>
  withLock(runtime.control, `cell/${request.name}`, async () => {
    await runtime.beforeChange();
    return deployCell(runtime, request, onChange);
  });

/** The caller holds the cell's lock. */
export const deployCell = async (
  runtime: Runtime,
  request: CellRequest,
  onChange?: (change: ResourceChange) => void,
): Promise<Cell> => {
  const known = await findCell(runtime.control, request.name);
  const { place } = request;
  const { target, address, size, replicas } = wantedOf(request, known);
  if (size !== (known?.size ?? DEFAULT_SIZE))
    await (known
      ? refuseTooSmall(runtime, known, size)
      : requireSized({ ...request, target, address }, size));
  if (replicas > 0) refuseForeignReplica({ ...request, target, address });
  if (place?.before) {
    const { before } = place;
    await recordAddress(runtime.control, request.name, { before, address });
  }
  const cell = await recordCell(runtime.control, { ...request, target, address });
  runtime.reached('cell-recorded');
  if (request.historyDays !== undefined)
    await recordHistoryDays(runtime.control, cell.name, request.historyDays);
  await recordSize(runtime.control, cell.name, size);
  await recordReplicas(runtime.control, cell.name, replicas);
  const server = await runtime.target.server(cell.name);
  if (place && (!place.before || place.caFile)) await server.network.keep(place.caFile);
  await deployInfrastructure(runtime, request, onChange);
  const { keptDays, declared, login } = await prepareServer(runtime, server, cell, request.port).catch(
    async (error: unknown) => {
      // An unsuitable server is not recorded, so that somebody may name another one; what we made is.
      if (!known && infrastructureOf(cell) === undefined) {
        server.network.drop();
        await forgetCell(runtime.control, cell.name);
      }
      throw error;
    },
  );
  if (!known && keptDays !== undefined && request.historyDays === undefined)
    await recordHistoryDays(runtime.control, cell.name, keptDays);
  const { name, tier, region } = cell;
  const port = request.port ?? null;
  const inputs = { cell: name, tier, region, port, size, replicas, ...(place ? { place } : {}) };
  const outputs = await recordDeployment(
    runtime,
    { cell: name },
    { inputs, inputsHash: null },
    async (deployment) => {
      const result = await deployStack(await runtime.stackRunner(), {
        ...stackRun({ ...request, size, replicas, target }, declared, login),
        inputs: {
          kind: 'cell',
          deployment: deployment.number,
          cell: name,
          tier,
          region,
          port,
          size,
          replicas,
        },
        ...(onChange ? { onChange } : {}),
        recover: known !== undefined,
        refresh: known !== undefined,
      });
      await deployment.applied();
      return { result, checkpointHash: (await stackHash(runtime.state, cellStack(name))) ?? '' };
    },
  ).catch(async (error: unknown) => {
    // The server runs as before, and the next deployment is not to try it again.
    if (known && error instanceof RingfenceError && error.code === 'settings_refused')
      await recordSize(runtime.control, cell.name, known.size);
    throw error;
  });
  runtime.reached('cell-deployed');
  await recordCellDeployment(runtime.control, cell.name, {
    rootKeyId: String(outputs.rootKeyId),
    port: Number(outputs.port),
  });
  await beginHistory(runtime, cell.name);
  return getCell(runtime.control, cell.name);
};

const prepareServer = async (
  runtime: Runtime,
  server: CellHost,
  { name }: Cell,
  port: number | undefined,
) => {
  await refuseLostCell(runtime, name);
  return {
    ...(await server.prepare(port)),
    declared: await server.declared(port),
    login: await server.login(port),
  };
};

/** @throws RingfenceError `data_lost` */
export const refuseLostCell = async ({ target }: Runtime, name: string): Promise<void> => {
  if (await isLost(target, name)) throw dataLost(target.cellDir(name), cellLoss(name));
};

const isLost = async (target: Runtime['target'], name: string): Promise<boolean> =>
  (await (await target.server(name)).state()) === 'lost';

/** Names of the cells that lost their data. */
export const lostCells = async (runtime: Runtime): Promise<ReadonlySet<string>> =>
  new Set((await cellsPassedOver(runtime)).filter(({ state }) => state === 'lost').map(({ cell }) => cell));

/** Brings the cell up unless it runs where it was deployed, in the size that is asked for, and the engine knows it. */
export const ensureCell = async (
  runtime: Runtime,
  request: CellRequest,
  onChange?: (change: ResourceChange) => void,
): Promise<Cell> => {
  const cell = await findCell(runtime.control, request.name);
  if (cell && (await isDeployed(runtime, cell.name)) && (await isUp(runtime, cell))) {
    const { port } = await runtime.target.adminConnection(cell.name);
    if (port === cell.port && !(await needsSize(runtime, cell, request.size))) return cell;
  }
  return bringCellUp(runtime, request, onChange);
};

/** Starts a cell's server for work that needs its database and no engine. */
export const wakeCell = async (runtime: Runtime, name: string): Promise<void> => {
  const cell = await getCell(runtime.control, name);
  if (!(await isUp(runtime, cell)))
    await bringCellUp(runtime, { name, tier: cell.tier, region: cell.region });
};

const needsSize = async (runtime: Runtime, cell: Cell, size: Size | undefined): Promise<boolean> => {
  if (size === undefined) return false;
  // A run that was killed has recorded it, and perhaps changed the server, before the engine knew.
  const deployed = await lastApplied(runtime.control, { cell: cell.name });
  return deployed?.inputs.size !== size || (await readSettingDrift(runtime, cell)).length > 0;
};

/** Makes sure that the engine has the cell's stack. Where its state was lost, a deployment of the cell adopts what is there. */
export const isDeployed = async (runtime: Runtime, cell: string): Promise<boolean> =>
  (await stackHash(runtime.state, cellStack(cell))) !== undefined;

/** Previews the changes of bringing the cell up. @param options.refresh looks at the real resources first. */
export const previewCell = async (
  runtime: Runtime,
  request: CellRequest,
  options: { refresh?: boolean; onResource?: PreviewRun['onResource'] } = {},
): Promise<ResourceChange[]> => {
  const { run, exists } = await wantedRun(runtime, request);
  return previewStack(await runtime.stackRunner(), {
    ...run,
    recover: false,
    exists,
    refresh: exists && options.refresh === true,
    ...(options.onResource ? { onResource: options.onResource } : {}),
  });
};

/** The run that would bring the cell up, and whether the engine knows its stack. It can only be previewed. */
export const wantedRun = async (
  runtime: Runtime,
  request: CellRequest,
): Promise<{ readonly run: Omit<StackRun, 'recover'>; readonly exists: boolean }> => {
  const cell = await findCell(runtime.control, request.name);
  const known = cell?.port != null;
  const server = known ? await runtime.target.server(request.name) : undefined;
  const declared = (await server?.declared(request.port)) ?? { kind: 'local' as const, port: request.port };
  const run = stackRun(
    { ...request, ...wantedOf(request, cell) },
    declared,
    (await server?.login()) ?? UNKNOWN_LOGIN,
  );
  return { run, exists: known && (await isDeployed(runtime, request.name)) };
};

/** Says whether the cell was deployed and runs. Starts nothing. */
export const isUp = async (runtime: Runtime, cell: Cell): Promise<boolean> => {
  if (cell.port === null) return false;
  const server = await runtime.target.server(cell.name);
  return (await server.state()) === 'running';
};

/** Names of the cells that run. */
export const runningCells = async (runtime: Runtime): Promise<string[]> => {
  const names: string[] = [];
  for (const cell of await listCells(runtime.control)) if (await isUp(runtime, cell)) names.push(cell.name);
  return names;
};

const stackRun = (
  request: CellRequest & { readonly size: Size; readonly replicas: Replicas; readonly target: string },
  server: DeclaredServer,
  admin: ServerCredentials,
): Omit<StackRun, 'recover'> => ({
  stack: cellStack(request.name),
  admin,
  // A server may listen elsewhere than when it was deployed.
  ownProviders: true,
  program: async () => {
    const { cellProgram } = await import('../../stacks/programs/cell.js');
    return cellProgram({
      cell: request.name,
      tier: request.tier,
      region: request.region,
      server,
      admin,
      schemaHash: cellSchemaHash(),
      size: request.size,
      settings: settingsOf(request, request.size),
      replicas: request.replicas,
    })();
  },
});
