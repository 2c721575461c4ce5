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

/** Keeps a cell's window as long as it should be: takes a base backup, and removes what is no longer needed. */
export const keepHistory = (runtime: Runtime, cell: string): Promise<HistoryKept> =>
  withHistory(runtime, cell, async () => {
    const { historyDays } = await getCell(runtime.control, cell);
    const history = await runtime.target.history(cell);
    const kept = await history.upkeep(historyDays);
    return { cell, ...kept, window: await history.window() };
  });

/** Makes every second of the cell restorable from now on. Changes nothing where this is so already. */
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

/** The moment when a cell's history no longer has what was erased, or fell out of use, at a time. */
export const forgottenAt = async (
  runtime: Pick<Runtime, 'control' | 'target'>,
  cell: string,
  erasedAt: Date,
): Promise<Date> => {
  const { historyDays } = await getCell(runtime.control, cell);
  const history = await runtime.target.history(cell);
  return historyForgets(erasedAt, await history.keptDays(historyDays));
};

/** The same for what is erased now. */
export const forgottenUntil = (runtime: Runtime, cell: string): Promise<Date> =>
  forgottenAt(runtime, cell, runtime.now());

/** One at a time: a recovery may still read old files, and a cell has one copy. */
const withHistory = <T>(runtime: Runtime, cell: string, work: () => Promise<T>): Promise<T> =>
  withLock(runtime.control, `history/${cell}`, work);
