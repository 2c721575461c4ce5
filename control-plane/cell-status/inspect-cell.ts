import { type CellStatus, readCellStatus } from '../../data-plane/database/cell-status.js';
import { withConnection } from '../../data-plane/database/connect.js';
import {
  readSettings,
  type ServerSettings,
  settingText,
} from '../../data-plane/database/server/size/settings.js';
import type { ReplicaStatus } from '../../data-plane/replica/replica-status.js';
import { targetOf } from '../../targets/index.js';
import { cellPort } from '../cells/cell-port.js';
import { knownHost, type ShownCell, showCell } from '../cells/shown-cell.js';
import { readSettingDrift } from '../cells/size.js';
import { type Cell, getCell } from '../cells/store.js';
import { findErasedObjects } from '../erasure/erased-objects.js';
import { describeErasedIn, findKept } from '../erasure/kept-data.js';
import { failureOf } from '../operation/failure.js';
import type { Runtime } from '../runtime.js';
import { compareCell } from './compare-cell.js';

/** The observed state of a cell. A value that could not be learned is null; `problems` says why. */
export interface InspectedCell extends ShownCell {
  readonly state: 'absent' | 'stopped' | 'running' | 'unreachable' | 'lost';
  readonly host: string | null;
  readonly database: CellStatus | null;
  readonly settings: ServerSettings | null;
  /** Null where there is none. */
  readonly replica: ReplicaStatus | null;
  readonly history: { readonly from: Date; readonly to: Date } | null;
  /** Folders that are kept aside of it. */
  readonly kept: readonly string[];
  readonly problems: readonly string[];
}

/** Inspects a cell, even when its server is gone or does not answer. Starts nothing. @throws RingfenceError cell_not_found */
export const inspectCell = async (runtime: Runtime, name: string): Promise<InspectedCell> => {
  const cell = await getCell(runtime.control, name);
  const server = await runtime.target.server(name);
  const state = await server.state();
  const problems: string[] = [];
  const ask = async <T>(question: () => Promise<T>): Promise<T | null> => {
    try {
      return await question();
    } catch (error) {
      problems.push(failureOf(error, `cell ${name}`).message);
      return null;
    }
  };
  if (state === 'absent' || state === 'unreachable')
    problems.push(`${targetOf(cell).words(cell.address).server} is ${state}`);
  const isThere = targetOf(cell).isHere || problems.length === 0;
  const declared = isThere ? await ask(() => server.declared()) : null;
  const database =
    state === 'running'
      ? await ask(async () => readCellStatus(await runtime.target.adminConnection(name)))
      : null;
  if (database)
    problems.push(
      ...((await ask(async () =>
        compareCell(runtime.control, name, await runtime.target.adminConnection(name)),
      )) ?? []),
    );
  const settings = database
    ? await ask(async () => withConnection(await runtime.target.adminConnection(name), readSettings))
    : null;
  if (database) problems.push(...((await ask(() => otherThanItsSize(runtime, cell))) ?? []));
  const replica = (await ask(() => server.replica())) ?? null;
  problems.push(...replicaProblems(cell, replica));
  problems.push(
    ...((await ask(() => findErasedObjects(runtime.control, runtime.target.objects, name))) ?? []),
  );
  const kept =
    (await ask(() => findKept(runtime.control, runtime.project)))?.filter(
      ({ owner, path }) =>
        owner === name || (owner === null && path.startsWith(`${runtime.target.cellDir(name)}/`)),
    ) ?? [];
  problems.push(...((await ask(() => describeErasedIn(runtime.control, kept))) ?? []));
  const history = isThere ? await ask(async () => (await runtime.target.history(name)).window()) : null;
  const host = declared?.kind === 'existing' ? declared.host : knownHost(cell);
  const port = await ask(() => cellPort(runtime, cell));
  return {
    ...showCell(cell),
    port,
    host,
    state,
    database,
    settings,
    replica,
    history: history ?? null,
    kept: kept.map(({ path }) => path),
    problems,
  };
};

/** Also of a value that only the next start would take. */
const otherThanItsSize = async (runtime: Runtime, cell: Cell): Promise<string[]> =>
  (await readSettingDrift(runtime, cell)).map(
    ({ key, name, found, wanted }) =>
      `${name} is ${settingText(key, found)}, and size ${cell.size} says ${settingText(key, wanted)}: \`ringfence cells up ${cell.name}\` puts it back`,
  );

const replicaProblems = ({ name, replicas }: Cell, replica: ReplicaStatus | null): string[] => {
  if (replica?.state === 'streaming' || (replica === null && replicas === 0)) return [];
  return [`its replica is ${replica?.state ?? 'missing'}: \`ringfence cells up ${name}\` brings it back`];
};
