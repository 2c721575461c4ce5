import { type CellStatus, readCellStatus } from '../../data-plane/database/cell-status.js';
import { targetOf } from '../../targets/index.js';
import { cellPort } from '../cells/cell-port.js';
import { knownHost, type ShownCell, showCell } from '../cells/shown-cell.js';
import { getCell } from '../cells/store.js';
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
    history: history ?? null,
    kept: kept.map(({ path }) => path),
    problems,
  };
};
