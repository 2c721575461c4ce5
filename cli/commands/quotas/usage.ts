import { defineCommand } from '../../command/define-command.js';
import { table } from '../../print/table.js';
import { withRuntime } from '../../runtime/with-runtime.js';

/** Every tenant, the one nearest to a limit first. */
export const quotasUsage = defineCommand({
  name: 'usage',
  description: 'every tenant, the one nearest to a limit first',
  view: async () => (await import('../../../control-plane/quotas/views.js')).quotaUsageView,
  run: async (context) => {
    const { quotaUsage } = await import('../../../control-plane/quotas/quota-usage.js');
    const nearest = await withRuntime(context, quotaUsage);
    context.result(nearest, () =>
      table(
        [
          'tenant',
          'nearest limit',
          '',
          'rows',
          'storage bytes',
          'requests/min',
          'compute s/day',
          'EUR this month',
        ],
        nearest.map(({ slug, used, ...most }) => [
          slug,
          most.nearest,
          `${Math.round(100 * most.share)} %`,
          String(used.rows),
          String(used.storageBytes),
          String(used.requestsPerMinute),
          String(used.computeSecondsPerDay),
          used.monthlyCostCapEur.toFixed(2),
        ]),
      ),
    );
  },
});
