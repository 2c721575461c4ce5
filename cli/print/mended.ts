import { type Difference, describeDifference } from '../../data-plane/database/defences.js';
import type { Context } from '../terminal/context.js';

/** Says on standard error what was put back in a cell. */
export const sayMended = (context: Context, cell: string, difference: Difference): void =>
  context.say(`  ~ ${cell}: ${describeDifference(difference)}: put back`);
