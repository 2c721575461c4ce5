import { defineCommand } from '../../command/define-command.js';
import { sayPassedOver } from '../../print/passed-over.js';
import { table } from '../../print/table.js';
import { withRuntime } from '../../runtime/with-runtime.js';

export const analyticsPublish = defineCommand({
  name: 'publish',
  description: 'publish a month of the cubes, once: no cell shows fewer than five tenants or gives one away',
  options: {
    month: { value: '<month>', description: 'as in 2026-10; the last one that is over when left out' },
    cell: { value: '<cell>', description: 'one cell; every running cell when left out' },
  },
  onWorker: { kind: 'analytics publish' },
  view: async () => (await import('../../../control-plane/analytics/views.js')).publishedCubesView,
  run: async (context, options) => {
    const { publishMonth } = await import('../../../control-plane/analytics/publish-cubes.js');
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
  },
});
