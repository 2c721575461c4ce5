import { defineCommand } from '../../command/define-command.js';
import { table } from '../../print/table.js';
import { withRuntime } from '../../runtime/with-runtime.js';

/** Every tenant, the one nearest to a limit first. */
export const quotasUsage = defineCommand({
  name: 'usage',
  description: 'every tenant, the one nearest to a limit first',
  onWorker: { kind: 'quotas usage' },
  view: async () => (await import('../../../control-plane/quotas/views.js')).quotaUsageView,
  run: async (context) => {
    const { MEASURED_QUOTA_NAMES, QUOTAS } = await import('../../../manifest/quotas.js');
    const { quotaUsage } = await import('../../../control-plane/quotas/quota-usage.js');
    const nearest = await withRuntime(context, quotaUsage);
    context.result(nearest, () =>
      table(
        ['tenant', 'nearest limit', '', ...MEASURED_QUOTA_NAMES.map((name) => QUOTAS[name].heading)],
        nearest.map(({ slug, used, ...most }) => [
          slug,
          most.nearest,
          `${Math.round(100 * most.share)} %`,
          ...MEASURED_QUOTA_NAMES.map((name) =>
            QUOTAS[name].unit === 'EUR' ? used[name].toFixed(2) : String(used[name]),
          ),
        ]),
      ),
    );
  },
});
