import { describeDifference } from '../../data-plane/database/describe-difference.js';
import type { TaskContext } from '../jobs/task.js';
import { toldWhenFailed } from '../jobs/told-when-failed.js';
import { readCellDrift } from './repair-cell.js';

/** How many differences an alert names. */
const NAMED = 10;

/**
 * Checks whether a cell's defences are as its release made them, and alerts when they are not. Changes nothing: the person
 * who changed them may be at work. @param lastTry alerts when the look itself fails too.
 */
export const defencesCheck = (context: TaskContext, cell: string, lastTry: boolean): Promise<void> =>
  toldWhenFailed(
    context,
    {
      what: `check of the defences of ${cell}`,
      alert: (code) => ({
        kind: 'defences',
        text: `Ringfence could not look at the defences of ${cell}: ${code}.`,
        detail: { cell, code },
      }),
      lastTry,
    },
    async () => {
      const { differences, tenantIds } = await readCellDrift(context.runtime, cell);
      const found = differences.length + tenantIds.size;
      context.say(`defences of ${cell}: ${found === 0 ? 'as released' : `${found} differ`}`);
      if (found === 0) return;
      await context.alert({
        kind: 'defences',
        text: `Ringfence: ${found} defences of ${cell} are not as released; \`ringfence cells repair ${cell}\` puts them back.`,
        detail: {
          cell,
          differences: differences.slice(0, NAMED).map(describeDifference),
          tenants: tenantIds.size,
        },
      });
    },
  );
