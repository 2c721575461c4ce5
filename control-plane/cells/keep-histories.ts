import type { Runtime } from '../runtime.js';
import { type HistoryKept, keepHistory } from './cell-history.js';
import { runningCells } from './cells-up.js';

/** `keepHistory` of one cell, or of all that run, one after the other. */
export const keepHistories = async (runtime: Runtime, cell?: string): Promise<HistoryKept[]> => {
  const cells = cell === undefined ? await runningCells(runtime) : [cell];
  const kept: HistoryKept[] = [];
  for (const name of cells) kept.push(await keepHistory(runtime, name));
  return kept;
};
