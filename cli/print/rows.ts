import type { InCell } from '../../control-plane/removal/take-out.js';
import type { Context } from '../terminal/context.js';

/** Says on standard error which rows are about to be deleted, a table a line. */
export const sayRows = (context: Context, { rows }: Pick<InCell, 'rows'>): void => {
  for (const [table, count] of Object.entries(rows)) context.say(`  - ${count} rows of ${table}`);
};
