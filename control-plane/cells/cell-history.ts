import {
  type HistoryUpkeep,
  type HistoryWindow,
  historyForgets,
} from '../../data-plane/backup/cell/cell-history.js';
import type { Connection } from '../../data-plane/database/connect.js';
import { withLock } from '../project/lock.js';
import type { Runtime } from '../runtime.js';
import { getCell } from './store.js';

/** An upkeep of a cell's history, and the window after it. */
export interface HistoryKept extends HistoryUpkeep {
  readonly cell: string;
  readonly window: HistoryWindow | undefined;
}

/** Sees to it that a cell's window is as long as it should be: takes a base backup, and removes what is no longer needed. */
export const keepHistory = (runtime: Runtime, cell: string): Promise<HistoryKept> =>
  withHistory(runtime, cell, async () => {
    const { historyDays } = await getCell(runtime.control, cell);
    const history = await runtime.target.history(cell);
    const kept = await history.upkeep(historyDays);
    return { cell, ...kept, window: await history.window() };
  });

/** From now on every second of the cell can be restored. Changes nothing where it is so already. */
export const beginHistory = async (runtime: Runtime, cell: string): Promise<void> => {
  const history = await runtime.target.history(cell);
  if ((await history.window()) === undefined) await keepHistory(runtime, cell);
};

/** Runs `work` on a throw-away copy of a cell's database as it was at a moment. @throws as `CellHistory.inCopyAt`. */
export const inCellAt = <T>(
  runtime: Runtime,
  cell: string,
  at: Date,
  work: (admin: Connection) => Promise<T>,
): Promise<T> =>
  withHistory(runtime, cell, async () => (await runtime.target.history(cell)).inCopyAt(at, work));

/** When a cell's history has forgotten what was erased, or not used any more, at a time. */
export const forgottenAt = async (
  runtime: Pick<Runtime, 'control' | 'target'>,
  cell: string,
  erasedAt: Date,
): Promise<Date> => {
  const { historyDays } = await getCell(runtime.control, cell);
  const history = await runtime.target.history(cell);
  return historyForgets(erasedAt, await history.keptDays(historyDays));
};

/** One at a time: nothing goes that a recovery still reads, and a cell has one copy. */
const withHistory = <T>(runtime: Runtime, cell: string, work: () => Promise<T>): Promise<T> =>
  withLock(runtime.control, `history/${cell}`, work);
