import type { Difference } from '../../data-plane/database/defences.js';
import { describeDifference } from '../../data-plane/database/describe-difference.js';
import type { Context } from '../terminal/context.js';

/** Prints the differences of a cell from its release on standard error. */
export const sayDifference = (context: Context, difference: Difference): void =>
  context.say(`  ~ ${describeDifference(difference)}`);

/** Prints the repairs of a cell on standard error. */
export const sayMended = (context: Context, cell: string, difference: Difference): void =>
  context.say(`  ~ ${cell}: ${describeDifference(difference)}: put back`);
