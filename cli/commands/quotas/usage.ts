import { defineCommand } from '../../command/define-command.js';
import { table } from '../../print/table.js';
import { withRuntime } from '../../runtime/with-runtime.js';

/** `ringfence quotas usage`: every tenant, the one nearest to a limit first. */
export const quotasUsage = defineCommand({
  name: 'usage',
  description: 'every tenant, the one nearest to a limit first',
  run: async (context) => {
    const { quotaStatus } = await import('../../../control-plane/quotas/tenant-quotas.js');
    const { listTenants } = await import('../../../control-plane/tenants/store.js');
    const statuses = await withRuntime(context, async (runtime) => {
      const active = (await listTenants(runtime.control)).filter(({ state }) => state === 'active');
      const found = [];
      for (const { slug } of active) found.push(await quotaStatus(runtime, slug));
      return found;
    });
    const nearest = statuses
      .map(({ slug, limits, used }) => {
        const shares = (Object.keys(used) as Array<keyof typeof used>).map((name) => ({
          name,
          share: used[name] / limits[name],
        }));
        const [most] = shares.sort((a, b) => b.share - a.share);
        return { slug, limits, used, nearest: most?.name ?? 'rows', share: most?.share ?? 0 };
      })
      .sort((a, b) => b.share - a.share);
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
