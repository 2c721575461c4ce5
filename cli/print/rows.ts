import type { InCell } from '../../control-plane/removal/take-out.js';
import type { Context } from '../terminal/context.js';

/** Prints the rows that are about to be deleted on standard error, a table a line. */
export const sayRows = (context: Context, { rows }: Pick<InCell, 'rows'>): void => {
  for (const [table, count] of Object.entries(rows)) context.say(`  - ${count} rows of ${table}`);
};
