import { publishMonth } from '../../control-plane/analytics/publish-cubes.js';
import type { Context } from '../context.js';
import { table } from '../print.js';
import { sayPassedOver } from '../say-passed-over.js';
import { withRuntime } from '../with-runtime.js';

/** `ringfence analytics publish [--month 2026-10] [--cell]` */
export const analyticsPublish = async (
  context: Context,
  options: { month?: string; cell?: string },
): Promise<void> => {
  const published = await withRuntime(context, async (runtime) => {
    if (!options.cell) await sayPassedOver(context, runtime);
    return publishMonth(runtime, {
      ...(options.month ? { month: options.month } : {}),
      ...(options.cell ? { cell: options.cell } : {}),
    });
  });
  context.result(published, () => {
    const rows = published.map(({ cell, cube, month, isNew, shown, withheld }) => [
      cell,
      cube,
      month,
      isNew ? 'published' : 'published before, unchanged',
      String(shown),
      withheld === null ? '' : String(withheld),
    ]);
    return table(['cell', 'cube', 'month', '', 'shown', 'withheld'], rows);
  });
};
