import type { Difference } from '../../data-plane/database/defences.js';
import { describeDifference } from '../../data-plane/database/describe-difference.js';
import type { Context } from '../terminal/context.js';

/** Says on standard error what in a cell is otherwise than released. */
export const sayDifference = (context: Context, difference: Difference): void =>
  context.say(`  ~ ${describeDifference(difference)}`);

/** Says on standard error what was put back in a cell. */
export const sayMended = (context: Context, cell: string, difference: Difference): void =>
  context.say(`  ~ ${cell}: ${describeDifference(difference)}: put back`);
