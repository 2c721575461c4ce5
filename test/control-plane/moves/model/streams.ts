import type { Rules } from './rules.js';
import { type CellNumber, other, type State, withCell, withStream } from './state.js';

/** Changes in a stream are numbers: the number of a write; 16 and a marker; 64 and the rows that were deleted. */
const MARKER = 16;
const DELETION = 64;

export const markerChange = (marker: number): number => MARKER + marker;

/** A change that was made in the cell itself goes into the stream out of it. */
export const logged = (state: State, cell: CellNumber, change: number): State => {
  const { hasSlot, queue } = state.streams[cell];
  return hasSlot ? withStream(state, cell, { queue: [...queue, change] }) : state;
};

export const withRow = (state: State, cell: CellNumber, write: number): State => {
  const { rows, doubled } = state.cells[cell];
  const bit = 1 << write;
  return withCell(state, cell, { rows: rows | bit, doubled: doubled | (rows & bit) });
};

export const withoutRows = (state: State, cell: CellNumber): State => {
  const { rows } = state.cells[cell];
  const emptied = withCell(state, cell, { rows: 0, doubled: 0 });
  return rows === 0 ? emptied : logged(emptied, cell, DELETION + rows);
};

const apply = (state: State, cell: CellNumber, change: number): State => {
  if (change < MARKER) return withRow(state, cell, change);
  if (change < DELETION) return withCell(state, cell, { marker: change - MARKER });
  const { rows, doubled } = state.cells[cell];
  const kept = ~(change - DELETION);
  return withCell(state, cell, { rows: rows & kept, doubled: doubled & kept });
};

/** The next change of the stream out of a cell arrives, once. @returns undefined where none can. */
export const deliver = (state: State, from: CellNumber, rules: Rules): State | undefined => {
  const { hasSlot, queue, subscription } = state.streams[from];
  const [change, ...rest] = queue;
  if (change === undefined || !hasSlot || subscription !== 'enabled') return undefined;
  const arrived = apply(withStream(state, from, { queue: rest }), other(from), change);
  return rules.streamsSkipForeign ? arrived : logged(arrived, other(from), change);
};
